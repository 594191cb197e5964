"""Reads static HDR metadata and Dolby Vision's record out of ffprobe's side data."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from marquee.contracts.errors import ToolFailed
from marquee.contracts.hdr import (
    CHROMATICITY_UNITS,
    LUMINANCE_UNITS,
    Chromaticity,
    DolbyVision,
    LightLevel,
    MasteringDisplay,
)
from marquee.contracts.media import VideoStream
from marquee.tools.ffprobe import probe

SideData = Sequence[dict[str, Any]]
DISPLAY = "red_x,red_y,green_x,green_y,blue_x,blue_y,white_point_x,white_point_y,min_luminance,max_luminance"
LIGHT = "max_content,max_average"
RECORD = "dv_profile,dv_bl_signal_compatibility_id,bl_present_flag,el_present_flag"
ENTRIES = f"{DISPLAY},{LIGHT},{RECORD}"


def mastering_display(side_data: SideData) -> MasteringDisplay | None:
    """The mastering display, where primaries and luminances are all there and the luminances make sense."""
    said = next((side for side in side_data if "red_x" in side and "max_luminance" in side), None)
    if said is None:
        return None
    most, least = (round(Fraction(said[f"{end}_luminance"]) * LUMINANCE_UNITS) for end in ("max", "min"))
    if most <= least:
        return None
    red, green, blue, white = (_chromaticity(said, name) for name in ("red", "green", "blue", "white_point"))
    return MasteringDisplay(red=red, green=green, blue=blue, white=white, max_luminance=most, min_luminance=least)


def _chromaticity(said: dict[str, Any], name: str) -> Chromaticity:
    x, y = (round(Fraction(said[f"{name}_{axis}"]) * CHROMATICITY_UNITS) for axis in "xy")
    return x, y


def light_level(side_data: SideData) -> LightLevel | None:
    """The content's light level; None where it says nothing but zeros."""
    said = next((side for side in side_data if "max_content" in side), {})
    most, average = int(said.get("max_content", 0)), int(said.get("max_average", 0))
    return LightLevel(max_cll=most, max_fall=average) if most or average else None


def dolby_vision(side_data: SideData) -> DolbyVision | None:
    """Dolby Vision's configuration record of the container (boxes `dvcC`, `dvvC`, `dvwC`)."""
    said = next((side for side in side_data if "dv_profile" in side), None)
    if said is None:
        return None
    return DolbyVision(
        profile=int(said["dv_profile"]),
        compatibility=int(said.get("dv_bl_signal_compatibility_id", 0)),
        has_base=bool(int(said.get("bl_present_flag", 1))),
        has_enhancement=bool(int(said.get("el_present_flag", 0))),
    )


def with_first_frame(path: Path, demuxer: str, video: VideoStream) -> VideoStream:
    """The stream with the metadata that stands in its coded picture alone: many writers leave the container's out.

    A picture that ffprobe has no decoder for (AV1) stays without: what cannot be decoded is for QC to say.
    """
    if video.transfer != "smpte2084" or (video.mastering and video.light):
        return video
    first = ("-select_streams", str(video.index), "-read_intervals", "%+#1")
    entries = ("-show_entries", f"frame_side_data={DISPLAY},{LIGHT}")
    try:
        frames = probe(path, *first, *entries, demuxer=demuxer).get("frames")
    except ToolFailed:
        return video
    side_data = frames[0].get("side_data_list", []) if frames else []
    found = {"mastering": mastering_display(side_data), "light": light_level(side_data)}
    return video.model_copy(update={name: getattr(video, name) or value for name, value in found.items()})
