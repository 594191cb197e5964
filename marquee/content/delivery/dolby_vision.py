"""Which Dolby Vision a title can be made of: one whose base layer is a picture of its own.

What a base layer is stands in Dolby's "Profiles and Levels" (version 1.4, table 1) as profile and compatibility id.
"""

from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused
from marquee.contracts.hdr import DolbyVision
from marquee.contracts.media import VideoStream

HDR10 = {"primaries": "bt2020", "transfer": "smpte2084", "matrix": "bt2020nc", "colour_range": "tv"}
HLG = HDR10 | {"transfer": "arib-std-b67"}
SDR = {"primaries": "bt709", "transfer": "bt709", "matrix": "bt709", "colour_range": "tv"}
# Of a single layer: HEVC (8), AVC (9), AV1 (10), by compatibility id.
BASES = {(8, 1): HDR10, (8, 2): SDR, (8, 4): HLG, (9, 2): SDR, (10, 1): HDR10, (10, 2): SDR, (10, 4): HLG}
UNTAGGED = {"unknown", "unspecified", ""}
# Its picture is coded in IPTPQc2: decoders without Dolby Vision show it in purple and green.
WITHOUT_BASE = "its base layer is no picture of its own (it would come out purple and green)"
TWO_LAYERS = "it is coded in two layers, of which a decoder without Dolby Vision sees only the poorer one"
EXPECTED = "HDR10, HLG, SDR, or Dolby Vision of profile 8.1, 8.2 or 8.4, which holds one of them"


def require_base(video: VideoStream, where: str) -> None:
    """Raise DeliveryRefused (dolby-vision) unless the picture is a whole one without Dolby Vision's metadata."""
    record = video.dolby_vision
    if record is None or (record.has_base and (record.profile, record.compatibility) in BASES):
        return
    raise DeliveryRefused(
        RefusalCode.DOLBY_VISION,
        f"Dolby Vision that cannot be taken: {_reason(record)}",
        where=where,
        expected=EXPECTED,
        got=f"profile {record.profile}.{record.compatibility}",
    )


def _reason(record: DolbyVision) -> str:
    if not record.has_base:
        return "the file holds an enhancement layer without its base"
    return TWO_LAYERS if record.profile in (4, 7) else WITHOUT_BASE


def as_base(video: VideoStream) -> VideoStream:
    """The stream with its base layer's colours where it does not say them itself."""
    record = video.dolby_vision
    base = BASES.get((record.profile, record.compatibility), {}) if record else {}
    lacking = {name: value for name, value in base.items() if getattr(video, name) in UNTAGGED}
    return video.model_copy(update=lacking)
