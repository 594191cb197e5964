"""The encode plan: every decision taken before a frame is encoded; encoding is a function of it."""

import hashlib
from enum import StrEnum
from fractions import Fraction
from typing import Any

from pydantic import Field

from marquee.contracts.base import Contract, Rational
from marquee.contracts.quality import quality_class
from marquee.contracts.title import Marks


class Codec(StrEnum):
    H264 = "h264"
    VP9 = "vp9"
    AV1 = "av1"


class DrmScheme(StrEnum):
    """ISO/IEC 23001-7 protection schemes; `none` publishes in the clear."""

    CBCS = "cbcs"
    CENC = "cenc"
    NONE = "none"


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
    """One point of a ladder. Rates in kb/s; quality is constant (CRF) under a rate cap."""

    codec: Codec
    width: int
    height: int
    crf: int
    maxrate_kbps: int
    preset: str
    variant: Variant = Variant.NONE

    @property
    def rendition(self) -> str:
        """The rendition's name by the shorter side, e.g. `h264-544p`, which two variants share."""
        return f"{self.codec}-{min(self.width, self.height)}p"

    @property
    def name(self) -> str:
        """That of this rung alone, e.g. `h264-544p`, and `h264-544p-b` for the second variant."""
        return self.rendition + ("-b" if self.variant is Variant.B else "")

    @property
    def label(self) -> str:
        """For people, by its quality class, e.g. `h264 720p`; the exact size is in `width` and `height`."""
        variant = " B" if self.variant is Variant.B else ""
        return f"{self.codec} {quality_class(self.width, self.height)}{variant}"


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
    crop: Crop | None = None
    width: int  # displayed, square pixels, after rotation and crop
    height: int
    primaries: str
    transfer: str
    matrix: str
    colour_range: str
    bit_depth: int = 8  # of the source


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
    key: str = ""
    demuxer: str = ""

    @property
    def name(self) -> str:
        """Directory name, e.g. `en-aac-stereo`, `en-description-aac-5.1`."""
        role = "" if self.role == "main" else f"-{self.role}"
        layout = {1: "mono", 2: "stereo", 6: "5.1"}.get(self.channels, f"{self.channels}ch")
        return f"{self.language}{role}-aac-{layout}"


class TextRendition(Contract):
    """One subtitle track to convert to WebVTT; `key` is its place in the mezzanine store.

    `stream` is set when the track is embedded: its index in the media file, which `key` then names.
    """

    key: str
    stream: int | None = None
    language: str
    kind: str  # full, sdh, forced
    label: str
    encoding: str = ""  # as the sidecar states it
    codec: str = ""  # of an embedded track, as ffmpeg calls it

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
    marks: Marks = Marks()
    artwork: dict[str, str] = Field(default={})  # kind to mezzanine key
    attempt: int = 0  # raised by a person who asks for everything to be made anew
    notes: tuple[str, ...] = ()  # for people: what was left out of the release or added to it, and why
    watermark: str = ""  # names the key of the watermark; empty without one

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
        """Sixteen hex digits that name the plan; those of one without chapters, sound files or watermark are older than
        these."""
        unsaid: dict[str, Any] = {} if self.marks.chapters else {"marks": {"chapters"}}
        if not self.watermark:
            unsaid |= {"watermark": True, "rungs": {"__all__": {"variant"}}}
        if embedded := {n: {"key", "demuxer"} for n, track in enumerate(self.audio) if not track.key}:
            unsaid["audio"] = embedded
        return hashlib.sha256(self.model_dump_json(exclude=unsaid).encode()).hexdigest()[:16]

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
    seconds: float  # wall time
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
