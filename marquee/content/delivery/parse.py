"""ffprobe's streams as contracts. Pure, but for the table of pixel formats, which ffprobe is asked for once."""

import json
import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

from marquee.content.delivery.hdr import dolby_vision, light_level, mastering_display
from marquee.contracts.media import BITMAP_CODECS, AudioStream, TextStream, VideoStream
from marquee.contracts.title import LANGUAGE_PATTERN
from marquee.tools.binaries import ffprobe
from marquee.tools.process import run

# ffmpeg's dispositions (Matroska's flags, RFC 9559 section 5.1.4.1; MP4's kinds) as roles of sound and kinds of text.
ROLES = {
    "comment": "commentary",
    "visual_impaired": "description",
    "hearing_impaired": "dialogue-enhanced",
    "dub": "dub",
}
KINDS = {"forced": "forced", "hearing_impaired": "sdh", "captions": "sdh"}
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}  # what a count means where the container names no layout

Raw = dict[str, Any]


def video_stream(raw: Raw, container_s: str | None) -> VideoStream:
    """A video stream; rates are 0 where ffprobe knows none. `container_s`: the container's duration in seconds."""
    average, base = _ratio(raw.get("avg_frame_rate")), _ratio(raw.get("r_frame_rate"))
    frames = int(raw.get("nb_read_packets", 0))
    rate = average or base
    counted_s = float(frames / rate) if rate else 0.0
    side_data = raw.get("side_data_list", [])
    return VideoStream(
        index=raw["index"],
        codec=raw.get("codec_name", "unknown"),
        width=raw.get("width", 0),
        height=raw.get("height", 0),
        sample_aspect=_ratio(raw.get("sample_aspect_ratio")) or Fraction(1),
        rotation=_rotation(raw),
        frame_rate=rate,
        base_rate=base or average,
        frames=frames,
        start_s=_seconds(raw.get("start_time")),
        duration_s=_duration(raw) or counted_s or _seconds(container_s),
        pixel_format=raw.get("pix_fmt", "unknown"),
        bit_depth=_bit_depth(raw),
        field_order=raw.get("field_order", "progressive"),
        primaries=_tag(raw, "color_primaries"),
        transfer=_tag(raw, "color_transfer"),
        matrix=_tag(raw, "color_space"),
        colour_range=_tag(raw, "color_range"),
        mastering=mastering_display(side_data),
        light=light_level(side_data),
        dolby_vision=dolby_vision(side_data),
    )


def audio_stream(raw: Raw, container_s: str | None) -> AudioStream:
    """An audio stream; 0 channels or hertz where the codec could not be read."""
    channels = int(raw.get("channels", 0))
    layout = raw.get("channel_layout", "unknown")
    return AudioStream(
        index=raw["index"],
        codec=raw.get("codec_name", "unknown"),
        channels=channels,
        layout=LAYOUTS.get(channels, "unknown") if layout == "unknown" else layout,
        sample_rate=int(raw.get("sample_rate", 0)),
        start_s=_seconds(raw.get("start_time")),
        duration_s=_duration(raw) or _seconds(container_s),
        language=_language(raw),
        role=_flagged(raw, ROLES),
    )


def text_stream(raw: Raw) -> TextStream:
    codec = raw.get("codec_name", "unknown")
    return TextStream(
        index=raw["index"],
        codec=codec,
        bitmap=codec in BITMAP_CODECS,
        language=_language(raw),
        kind=_flagged(raw, KINDS) or "full",
    )


def _flagged(raw: Raw, meanings: dict[str, str]) -> str:
    """What the first of the container's flags means; nothing where none is set."""
    flags = raw.get("disposition", {})
    return next((meaning for flag, meaning in meanings.items() if flags.get(flag)), "")


def _ratio(text: str | None) -> Fraction:
    """ "30000/1001" or "8:9" as a fraction; 0 for what is missing, undefined (0/0) or negative."""
    if not (match := re.fullmatch(r"(\d+)[/:](\d+)", text or "")) or not int(match[2]):
        return Fraction(0)
    return Fraction(int(match[1]), int(match[2]))


def _seconds(text: str | None) -> float:
    """Seconds as ffprobe writes them; 0 for N/A."""
    return float(text) if text and re.fullmatch(r"-?\d+(\.\d+)?", text) else 0.0


def _duration(raw: Raw) -> float:
    """Seconds of a stream: Matroska knows them only as a tag, HH:MM:SS.nanoseconds."""
    tag = re.fullmatch(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d+)?)", raw.get("tags", {}).get("DURATION", ""))
    tagged = int(tag[1]) * 3600 + int(tag[2]) * 60 + float(tag[3]) if tag else 0.0
    return max(_seconds(raw.get("duration")), 0.0) or tagged


def _rotation(raw: Raw) -> int:
    """Clockwise quarter turns in degrees. The display matrix counts counter-clockwise."""
    turns = [float(side["rotation"]) for side in raw.get("side_data_list", []) if "rotation" in side]
    return round(-turns[0] / 90) * 90 % 360 if turns else 0


def _bit_depth(raw: Raw) -> int:
    """Bits of a sample: of the pixel format, since several decoders leave bits_per_raw_sample out."""
    return depths().get(raw.get("pix_fmt", ""), 8)


@lru_cache
def depths() -> dict[str, int]:
    """Bits per component of every pixel format that ffprobe knows."""
    answer = json.loads(run([ffprobe(), "-v", "error", "-show_pixel_formats", "-of", "json"], timeout_s=30).stdout)
    return {
        f["name"]: max((c["bit_depth"] for c in f.get("components", [])), default=8) for f in answer["pixel_formats"]
    }


def _tag(raw: Raw, key: str) -> str:
    value = str(raw.get(key, "unknown"))
    return "unknown" if value == "reserved" else value


def _language(raw: Raw) -> str | None:
    """The language tag, when it has the form of one: Matroska's is free text, and languages become paths."""
    tag = str(raw.get("tags", {}).get("language", "und"))
    return tag if tag != "und" and len(tag) <= 35 and re.fullmatch(LANGUAGE_PATTERN, tag) else None
