"""The filter chain from source frames to programme frames, shared by all that need the picture.

Every stretch of the programme comes out frame-exact wherever decoding starts: the time stamps stay those of the
container, and the `fps` filter samples them on the global grid. The frame on a grid point is the latest source frame
at or before it, which depends on the time stamps alone; for a source on the grid it is simply the frame itself.
"""

import math
from pathlib import Path
from typing import Any

import ffmpeg

from marquee.content.media import tone
from marquee.content.media.pulldown import film_frames
from marquee.contracts.errors import ToolFailed
from marquee.contracts.plan import HDR_TRANSFERS, Crop, EncodePlan, Picture, Rung
from marquee.tools.binaries import ffmpeg as ffmpeg_program
from marquee.tools.ffprobe import local, probe

# Start decoding this much before a chunk, so that a source's open groups of pictures and the deinterlacer have what
# they refer to; the second attempt is for coarse indexes. After that the file is decoded from its start.
SEEK_MARGINS_S = (2.0, 12.0)
# A programme's last frame may miss the end of its time by rounding; more than this is a broken source.
PAD_FRAMES = 2
UNTAGGED = {"", "unknown", "reserved", "unspecified"}


def command(output: Any, *global_arguments: str) -> list[str]:
    """The argument list of an ffmpeg-python output: quiet, non-interactive, container time stamps kept."""
    quiet = ("-v", "error", "-nostdin", "-nostats", "-copyts", *global_arguments)
    argv: list[str] = ffmpeg.compile(output.global_args(*quiet), cmd=ffmpeg_program(), overwrite_output=True)
    return argv


def seek_point(path: Path, picture: Picture, programme_s: float) -> float | None:
    """Container time to seek to, for decoding the programme from that second on; None to decode from the start.

    It is asked from the file: the demuxer must land on a key frame at or before the wanted time.
    """
    for margin in SEEK_MARGINS_S:
        target = picture.start_s + programme_s - margin
        if target <= picture.start_s:
            return None
        if _lands_before(path, picture, target):
            return target
    return None


def _lands_before(path: Path, picture: Picture, target: float) -> bool:
    where = ["-select_streams", str(picture.stream), "-read_intervals", f"{target:.6f}%+#1"]
    try:
        found = probe(path, *where, "-show_entries", "packet=pts_time,flags", demuxer=picture.demuxer)
    except ToolFailed:
        return False
    packets = found.get("packets", [])
    return bool(packets) and "K" in packets[0]["flags"] and float(packets[0].get("pts_time", "inf")) <= target


def programme(plan: EncodePlan, source: Path, first_frame: int, frames: int, *, seek_s: float | None = None) -> Any:
    """Exactly these frames of the programme as a filter node, time stamps counting frames from zero.

    Displayed orientation and crop, not yet scaled to square pixels. `seek_s` comes from `seek_point`.
    """
    picture, rate = plan.picture, plan.grid.frame_rate
    seek = {} if seek_s is None else {"ss": f"{seek_s:.6f}", "seek_timestamp": 1, "noaccurate_seek": None}
    opened = ffmpeg.input(local(source), f=picture.demuxer, protocol_whitelist="file,pipe", threads=1, **seek)
    node = opened[str(picture.stream)]
    if picture.deinterlace:
        node = node.filter("bwdif", mode="send_frame", deint="all")
    node = node.filter("setpts", f"PTS-round({picture.start_s:.9f}/TB)")
    if picture.pulldown:
        node = film_frames(node, rate, picture.pulldown, first_frame, _padding(plan))
    node = (
        node.filter("fps", fps=f"{rate.numerator}/{rate.denominator}", start_time=f"{float(first_frame / rate):.9f}")
        .filter("tpad", stop=_padding(plan), stop_mode="clone")
        .filter("trim", end_frame=frames)
        .filter("setpts", "N")
    )
    return _cropped(node, picture.crop)


def _padding(plan: EncodePlan) -> int:
    """Frames that may be missing at the end. A duration that counts from zero is too long by the start."""
    late = 0.0 if plan.picture.constant_rate else max(0.0, plan.picture.start_s)
    return PAD_FRAMES + math.ceil(late * plan.grid.frame_rate)


def _cropped(node: Any, crop: Crop | None) -> Any:
    return node.filter("crop", w=crop.width, h=crop.height, x=crop.x, y=crop.y, exact=1) if crop else node


def shaped(node: Any, picture: Picture, width: int, height: int, bit_depth: int) -> Any:
    """The programme at a size in square pixels, 4:2:0, in the source's colours, tagged; HDR to 8 bits becomes SDR."""
    hdr_to_sdr = _to_sdr(picture, bit_depth)
    if picture.transfer in HDR_TRANSFERS:
        node = node.filter("sidedata", mode="delete")  # encoders would write it, also into SDR; see hdr_metadata
    matrix = {"out_color_matrix": "bt709", "out_range": "tv"} if picture.matrix == "gbr" else {}
    node = node.filter("scale", w=width, h=height, flags="bicubic", **matrix).filter("setsar", 1)
    if hdr_to_sdr:
        node = tone.to_sdr(node.filter("setparams", **_tags(picture)), picture)
    node = node.filter("format", pix_fmts="yuv420p10le" if bit_depth > 8 else "yuv420p")
    return described(node, picture, bit_depth)


def described(node: Any, picture: Picture, bit_depth: int) -> Any:
    """Tagged with the colours that `shaped` gives."""
    tags = tone.TAGS if _to_sdr(picture, bit_depth) else _tags(picture)
    return node.filter("setparams", **tags) if tags else node


def _to_sdr(picture: Picture, bit_depth: int) -> bool:
    return picture.transfer in HDR_TRANSFERS and bit_depth == 8


def _tags(picture: Picture) -> dict[str, str]:
    """Colour description (ITU-T H.273) as the setparams filter names it; RGB becomes BT.709 Y'CbCr."""
    rgb = picture.matrix == "gbr"
    tags = {
        "color_primaries": picture.primaries,
        "color_trc": picture.transfer,
        "colorspace": "bt709" if rgb else picture.matrix,
        "range": "tv" if rgb else picture.colour_range,
    }
    return {name: value for name, value in tags.items() if value not in UNTAGGED}


def bit_depth(picture: Picture, rung: Rung) -> int:
    """Bits a sample of a rendition."""
    return picture.depth_in(rung.codec)
