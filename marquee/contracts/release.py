"""A release: the immutable, published set of renditions and manifests; the body of release.json."""

from datetime import datetime

from pydantic import Field

from marquee.contracts.base import Contract, Rational
from marquee.contracts.ids import Id
from marquee.contracts.plan import DrmScheme
from marquee.contracts.quality import quality_class
from marquee.contracts.title import Marks

UNLISTED = "video-b"  # the folder of second variants of watermarked pictures, beside `video`; no address names it


class Thumbnails(Contract):
    """Sprite sheets from the encode side: grids of tiles in reading order, a tile for every `interval_s` seconds.

    `sheets` are names of JPEG files, in order of time. Every sheet, the last one too, measures columns × tile_width by
    rows × tile_height pixels.
    """

    sheets: tuple[str, ...] = Field(min_length=1)
    columns: int = Field(gt=0)
    rows: int = Field(gt=0)
    tile_width: int = Field(gt=0)
    tile_height: int = Field(gt=0)
    interval_s: float = Field(gt=0)

    @property
    def sheet_s(self) -> float:
        """Seconds of programme that a full sheet covers."""
        return self.columns * self.rows * self.interval_s


class VideoMeasure(Contract):
    """What was measured on one joined video rendition; VMAF on the 0–100 scale against the mezzanine."""

    frames: int = Field(gt=0)
    vmaf_mean: float
    vmaf_p5: float


class VideoRendition(Contract):
    """Rates in bit/s over the media segments; VMAF on the 0–100 scale against the mezzanine."""

    name: str
    codec: str
    width: int
    height: int
    frame_rate: Rational
    frames: int
    bitrate_avg: int
    bitrate_peak: int
    vmaf_mean: float
    vmaf_p5: float
    kid: str | None  # hex

    @property
    def lines(self) -> int:
        """Its size by the shorter side in pixels, as its name has it."""
        return min(self.width, self.height)

    @property
    def quality(self) -> str:
        """The quality class, e.g. `720p`."""
        return quality_class(self.width, self.height)


class AudioTrackRendition(Contract):
    name: str
    codec: str
    language: str
    role: str
    channels: int
    bitrate_avg: int
    kid: str | None


class TextTrackRendition(Contract):
    name: str
    language: str
    kind: str
    cues: int

    @property
    def path(self) -> str:
        """The WebVTT file below the release's folder."""
        return f"text/{self.name}/{self.name}.vtt"


class ReleaseFile(Contract):
    """A file of the release, by its path below the release's folder."""

    path: str
    sha256: str
    size: int


class SecondEncryption(Contract):
    """The same tracks under another scheme: its manifests, and by the first one's key ids its own."""

    scheme: DrmScheme
    dash: str
    hls: str
    kids: dict[str, str]


class Signature(Contract):
    """Ed25519 over release.json without it: the first 16 hex digits of the public key, and 64 bytes in base64."""

    key: str
    value: str


class Release(Contract):
    """`files` lists every other file of the release; key ids only, never keys."""

    release_id: Id
    title_id: Id
    slug: str
    plan: str
    profile: str
    scheme: DrmScheme
    created_at: datetime
    duration_s: float
    segment_s: float
    dash: str = "dash/manifest.mpd"
    hls: str = "hls/master.m3u8"
    thumbnails: str = "thumbs/thumbnails.vtt"
    video: tuple[VideoRendition, ...]
    audio: tuple[AudioTrackRendition, ...]
    text: tuple[TextTrackRendition, ...]
    marks: Marks
    watermark: str = ""  # names the key of the watermark; empty without one
    files: tuple[ReleaseFile, ...]
    second: SecondEncryption | None = None
    later_kids: dict[str, tuple[str, ...]] = Field(default={})  # by a key id those of its later crypto periods
    signature: Signature | None = None

    def encryption(self, scheme: DrmScheme) -> SecondEncryption | None:
        """The second encryption where the scheme is its own, None for the first."""
        return self.second if self.second and self.second.scheme is scheme else None

    @property
    def prefix(self) -> str:
        """Where the release lies in every origin replica."""
        return f"{self.title_id}/{self.release_id}"
