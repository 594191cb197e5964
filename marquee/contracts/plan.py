"""The encode plan: every decision taken before a frame is encoded; encoding is a function of it."""

import hashlib
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from marquee.contracts.base import Contract, Rational
from marquee.contracts.hdr import LightLevel, MasteringDisplay
from marquee.contracts.quality import quality_class
from marquee.contracts.title import Marks
from marquee.contracts.younger import YOUNGER, unsaid


class Codec(StrEnum):
    H264 = "h264"
    VP9 = "vp9"
    AV1 = "av1"
    HEVC = "hevc"


EIGHT_BITS = frozenset({Codec.H264, Codec.VP9})
HDR_TRANSFERS = {"smpte2084": "PQ", "arib-std-b67": "HLG"}  # ffmpeg's names; those of ITU-R BT.2100 and HLS


class AudioCodec(StrEnum):
    AAC = "aac"
    EAC3 = "eac3"  # Dolby Digital Plus, ETSI TS 102 366, up to 5.1
    OPUS = "opus"


class DrmScheme(StrEnum):
    """ISO/IEC 23001-7 protection schemes; `both` are two from one encode, `none` publishes in the clear."""

    CBCS = "cbcs"
    CENC = "cenc"
    BOTH = "both"
    NONE = "none"

    @property
    def parts(self) -> tuple["DrmScheme", ...]:
        """What tracks are encrypted by, the preferred one first."""
        return (DrmScheme.CBCS, DrmScheme.CENC) if self is DrmScheme.BOTH else (self,)


class Hardware(StrEnum):
    """Families of encoders in graphics hardware."""

    NONE = ""
    NVENC = "nvenc"
    QSV = "qsv"
    VAAPI = "vaapi"
    VIDEOTOOLBOX = "videotoolbox"


class Variant(StrEnum):
    """Which of two watermarked versions a rendition is. The edge chooses between them, segment by segment."""

    NONE = ""
    A = "a"  # goes by the rendition's name
    B = "b"


class Grid(Contract):
    """One time grid for all renditions: frames are the unit, every boundary is a whole number of them."""

    frame_rate: Rational
    gop_frames: int = Field(gt=0)
    gops_per_segment: int = Field(gt=0)
    segments_per_chunk: int = Field(gt=0)

    @property
    def segment_frames(self) -> int:
        return self.gop_frames * self.gops_per_segment

    @property
    def chunk_frames(self) -> int:
        return self.segment_frames * self.segments_per_chunk

    @property
    def segment_s(self) -> Fraction:
        return self.segment_frames / self.frame_rate


class Chunk(Contract):
    """A run of whole segments that one process encodes."""

    index: int
    first_frame: int
    frames: int = Field(gt=0)


class Rung(Contract):
    """One point of a ladder. Rates in kb/s; quality is constant (CRF) under a rate cap.

    `options` are further parameters of the encoder, `name=value` joined by colons. `grade` counts the rungs of one
    codec and size, the best first. `crfs` has a quality of its own for each chunk of the plan, where they do not share
    one.
    """

    codec: Codec
    width: int
    height: int
    crf: int
    maxrate_kbps: int
    preset: str
    copied: Annotated[bool, YOUNGER] = False  # the source's own picture, unchanged
    options: Annotated[str, YOUNGER] = ""
    grade: Annotated[int, YOUNGER] = Field(default=1, gt=0)
    variant: Annotated[Variant, YOUNGER] = Variant.NONE
    crfs: Annotated[tuple[int, ...], YOUNGER] = ()

    def of_chunk(self, chunk: Chunk) -> "Rung":
        """The rung as it is for one chunk."""
        return self.model_copy(update={"crf": self.crfs[chunk.index], "crfs": ()}) if self.crfs else self

    @property
    def rendition(self) -> str:
        """The rendition's name by the shorter side, e.g. `h264-544p`, `h264-544p-2`, which two variants share."""
        return f"{self.codec}-{min(self.width, self.height)}p{self._graded('-')}"

    @property
    def name(self) -> str:
        """That of this rung alone, e.g. `h264-544p`, and `h264-544p-b` for the second variant."""
        return self.rendition + ("-b" if self.variant is Variant.B else "")

    @property
    def label(self) -> str:
        """For people, by its quality class, e.g. `h264 720p`; the exact size is in `width` and `height`."""
        variant = " B" if self.variant is Variant.B else ""
        return f"{self.codec} {quality_class(self.width, self.height)}{self._graded(' ')}{variant}"

    def _graded(self, joint: str) -> str:
        return f"{joint}{self.grade}" if self.grade > 1 else ""


class Crop(Contract):
    """A rectangle of the displayed picture, in source pixels."""

    width: int
    height: int
    x: int
    y: int


class Picture(Contract):
    """How source frames become programme frames, before any scaling. `frames` is the programme's length."""

    demuxer: str
    stream: int  # index of the stream in the file
    start_s: float  # container time of the programme's start; the first frame is held from here until it comes
    frames: int
    constant_rate: bool  # the source already ticks on the grid
    deinterlace: bool = False
    pulldown: Annotated[str, YOUNGER] = (
        ""  # field order ("tff", "bff") where 3:2 pull-down is undone: four frames for five of the source
    )
    crop: Crop | None = None
    width: int  # displayed, square pixels, after rotation and crop
    height: int
    primaries: str
    transfer: str
    matrix: str
    colour_range: str
    bit_depth: int = 8  # of the source
    mastering: Annotated[MasteringDisplay | None, YOUNGER] = None  # of an HDR source
    light: Annotated[LightLevel | None, YOUNGER] = None

    @property
    def hdr(self) -> bool:
        """Whether the source has a high dynamic range that 10 bits can carry: PQ or HLG (ITU-R BT.2100)."""
        return self.transfer in HDR_TRANSFERS and self.bit_depth > 8

    def depth_in(self, codec: Codec) -> int:
        """Bits a sample: 8 in codecs that devices decode in 8 bits only, else up to 10 of a deeper source."""
        return 8 if codec in EIGHT_BITS else min(10, self.bit_depth)

    def range_in(self, codec: Codec) -> str:
        """The dynamic range of a rendition: that of the source in 10 bits, else SDR, tone-mapped if need be."""
        return HDR_TRANSFERS[self.transfer] if self.hdr and self.depth_in(codec) > 8 else "SDR"


class AudioRendition(Contract):
    """One audio encode of a whole track. Loudness in LUFS/dBTP, measured on the source (EBU R128).

    `key` is set when the track has a file of its own: its place in the mezzanine store, to be opened with `demuxer`.
    Its time 0 is the programme's start.
    """

    stream: int  # index of the stream in the file
    language: str
    role: str
    label: str
    channels: int
    bitrate_kbps: int
    measured_lufs: float | None
    measured_peak_dbtp: float | None
    target_lufs: float
    target_peak_dbtp: float
    key: Annotated[str, YOUNGER] = ""
    demuxer: Annotated[str, YOUNGER] = ""
    codec: Annotated[AudioCodec, YOUNGER] = AudioCodec.AAC

    @property
    def name(self) -> str:
        """Directory name, e.g. `en-aac-stereo`, `en-description-aac-5.1`."""
        role = "" if self.role == "main" else f"-{self.role}"
        layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}.get(self.channels, f"{self.channels}ch")
        return f"{self.language}{role}-{self.codec}-{layout}"


class TextRendition(Contract):
    """One subtitle track to convert to WebVTT; `key` is its place in the mezzanine store.

    `stream` is set when the track is embedded: its index in the media file, which `key` then names. `service` is that
    of captions in the picture by CEA-708.
    """

    key: str
    stream: int | None = None
    language: str
    kind: str  # full, sdh, forced
    label: str
    encoding: str = ""  # as the sidecar states it
    codec: str = ""  # of an embedded track, as ffmpeg calls it
    service: Annotated[int, YOUNGER] = 0

    @property
    def name(self) -> str:
        return self.language if self.kind == "full" else f"{self.language}-{self.kind}"


class EncodePlan(Contract):
    """All that encoding needs. Equal plans give interchangeable renditions."""

    mezzanine_key: str
    mezzanine_sha256: str
    profile: str
    encoders: str  # versions of the programs: a new encoder is a new plan
    scheme: DrmScheme
    picture: Picture
    grid: Grid
    chunks: tuple[Chunk, ...]
    rungs: tuple[Rung, ...]
    audio: tuple[AudioRendition, ...]
    text: tuple[TextRendition, ...]
    vmaf_every: int = 1  # score one frame in so many
    vmaf_between: Annotated[int, YOUNGER] = 0  # farther than half a second from key frames; 0 as near them
    marks: Marks = Marks()
    artwork: dict[str, str] = Field(default={})  # kind to mezzanine key
    key_period: Annotated[int, YOUNGER] = 0  # raised for new content keys: another release of the same encodes
    attempt: int = 0  # raised by a person who asks for everything to be made anew
    notes: tuple[str, ...] = ()  # for people: what was left out of the release or added to it, and why
    hardware: Annotated[Hardware, YOUNGER] = Hardware.NONE  # encodes what it has an encoder for
    remarks: tuple[str, ...] = ()  # for people: why the source's own picture is no rung, why no hardware is used
    watermark: Annotated[str, YOUNGER] = ""  # names the key of the watermark; empty without one
    segments_per_key: Annotated[int, YOUNGER] = Field(default=0, ge=0)  # a crypto period; 0: a track has one key

    @property
    def crypto_periods(self) -> int:
        """How many keys a track has, one after the other."""
        whole = self.segments_per_key * self.grid.segment_frames
        return -(-self.picture.frames // whole) if whole else 1

    def crypto_period(self, number: int) -> int:
        """That of a segment (from 1 on), in [0, crypto_periods). Sound may end a segment later than the picture."""
        return min((number - 1) // self.segments_per_key, self.crypto_periods - 1) if self.segments_per_key else 0

    @property
    def listed(self) -> tuple[Rung, ...]:
        """The rungs that manifests name: of two variants the first."""
        return tuple(rung for rung in self.rungs if rung.variant is not Variant.B)

    @property
    def unlisted(self) -> tuple[Rung, ...]:
        """The second variants."""
        return tuple(rung for rung in self.rungs if rung.variant is Variant.B)

    @property
    def hash(self) -> str:
        """Sixteen hex digits that name the plan; `remarks` are no part of it."""
        left_out = unsaid(self) | {"remarks": True}
        return hashlib.sha256(self.model_dump_json(exclude=left_out).encode()).hexdigest()[:16]

    @property
    def duration_s(self) -> float:
        return float(self.picture.frames / self.grid.frame_rate)


class ChunkJob(Contract):
    """One mapped task: this chunk at this rung. Small, because it travels through the orchestrator.

    `made` says that the whole rendition is there, or can be brought back: nothing is encoded.
    """

    plan: str
    rung: int
    chunk: int
    name: str  # for people: "h264 720p · chunk 3/12"
    made: bool = False


class ChunkResult(Contract):
    """An encoded chunk in the work store. `reused` says that it was there before and no encoder was started."""

    key: str
    frames: int
    bytes: int
    seconds: float  # wall time of encoding, scores included
    reused: bool


class TextResult(Contract):
    """A subtitle track in the work store. `notes` say what was left out or repaired."""

    key: str
    cues: int
    notes: tuple[str, ...] = ()


class TrackKind(StrEnum):
    AUDIO = "audio"
    TEXT = "text"
    PICTURES = "pictures"


class TrackJob(Contract):
    """One mapped task for what is made whole. `track` is the rendition's name."""

    plan: str
    kind: TrackKind
    track: str
    name: str  # for people: "audio English"
