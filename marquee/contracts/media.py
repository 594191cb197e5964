"""What a probe says of a media file."""

from fractions import Fraction

from marquee.contracts.base import Contract, Rational
from marquee.contracts.hdr import DolbyVision, LightLevel, MasteringDisplay

# Sound that begins earlier than the picture by less is no part of the programme: encoders' delay, at most 96 ms (AAC
# of 2112 samples at 22.05 kHz; Opus has 80 ms, RFC 7845 § 4.2).
LEAST_LEAD_S = 0.1

BITMAP_CODECS = {"hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub"}  # subtitles that are pictures


class VideoStream(Contract):
    """One video stream. Sizes in pixels as stored; `rotation` in degrees clockwise, to be applied when displayed."""

    index: int
    codec: str
    width: int
    height: int
    sample_aspect: Rational = Fraction(1)
    rotation: int = 0
    frame_rate: Rational  # average over the stream
    base_rate: Rational  # the rate that all timestamps fit (ffprobe's r_frame_rate)
    frames: int  # counted packets
    start_s: float
    duration_s: float
    pixel_format: str
    bit_depth: int = 8
    field_order: str = "progressive"
    primaries: str = "unknown"
    transfer: str = "unknown"
    matrix: str = "unknown"
    colour_range: str = "unknown"
    mastering: MasteringDisplay | None = None
    light: LightLevel | None = None
    dolby_vision: DolbyVision | None = None
    closed_captions: bool = False  # CEA-608/708 in its frames
    caption_services: tuple[int, ...] = ()  # those of CEA-708 that were seen at its beginning

    @property
    def display_size(self) -> tuple[int, int]:
        """Width and height in square pixels after rotation."""
        width, height = round(self.width * self.sample_aspect), self.height
        return (height, width) if self.rotation % 180 else (width, height)


class AudioStream(Contract):
    index: int
    codec: str
    channels: int
    layout: str
    sample_rate: int
    start_s: float
    duration_s: float
    language: str | None = None  # as tagged (often ISO 639-2), when it has the form of a language code
    role: str = ""  # as flagged in the container; empty where it is not


class TextStream(Contract):
    """An embedded subtitle stream; `bitmap` ones (PGS, VobSub, DVB) are pictures and hold no text."""

    index: int
    codec: str
    bitmap: bool
    language: str | None = None
    kind: str = "full"  # full, sdh, forced, as flagged in the container


class MediaInfo(Contract):
    """One probed file. `demuxer` is the name to force whenever the file is opened again.

    `duration_s` is that of the longest video or audio stream: subtitles may stretch what the container says.
    """

    sha256: str
    size: int
    demuxer: str
    duration_s: float
    video: tuple[VideoStream, ...]
    audio: tuple[AudioStream, ...]
    text: tuple[TextStream, ...]

    @property
    def picture(self) -> VideoStream:
        """The programme's video stream: the first one."""
        return self.video[0]

    @property
    def start_s(self) -> float:
        """Container time at which the programme starts: with the picture, or with sound that begins before it."""
        first = min([self.picture.start_s, *(track.start_s for track in self.audio)])
        return first if self.picture.start_s - first >= LEAST_LEAD_S else self.picture.start_s
