"""The tone maps that are compared, as ffmpeg's filters, and what they make of patches."""

from collections.abc import Callable
from typing import Any

import ffmpeg
import numpy as np

from bench.tone.itp import TO_2020, Colours, pq
from bench.tone.patches import WHITE_NITS
from marquee.content.media.tone import to_sdr
from marquee.contracts.hdr import LUMINANCE_UNITS, MasteringDisplay
from marquee.contracts.plan import Picture
from marquee.tools.binaries import ffmpeg as ffmpeg_program

SIDE = 16  # pixels of a patch
FULL = 65535
GAMMA = 2.4  # of an SDR display, ITU-R BT.1886
HDR_TAGS = {"color_primaries": "bt2020", "color_trc": "smpte2084", "colorspace": "bt2020nc", "range": "tv"}
RGB_TAGS = HDR_TAGS | {"colorspace": "gbr", "range": "pc"}
SDR_TAGS = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "range": "tv"}

Map = Callable[[Any, float], Any]
"""Of a filter node in PQ and the peak in cd/m²: the node in BT.709."""


def ours(node: Any, peak: float) -> Any:
    return to_sdr(node, picture(peak))


def picture(peak: float) -> Picture:
    """A PQ picture graded on a display of that peak."""
    points = {"red": (35400, 14600), "green": (8500, 39850), "blue": (6550, 2300), "white": (15635, 16450)}
    display = MasteringDisplay(**points, max_luminance=round(peak * LUMINANCE_UNITS), min_luminance=1)
    tags = {"primaries": "bt2020", "transfer": "smpte2084", "matrix": "bt2020nc", "colour_range": "tv"}
    size = {"width": SIDE, "height": SIDE, "frames": 1, "bit_depth": 10}
    return Picture(demuxer="", stream=0, start_s=0, constant_rate=True, mastering=display, **tags, **size)


def of_ffmpeg(curve: str) -> Map:
    """A curve of the tonemap filter at its default parameter."""

    def apply(node: Any, peak: float) -> Any:
        light = node.filter("zscale", transfer="linear", primaries="bt709", npl=WHITE_NITS)
        mapped = light.filter("format", pix_fmts="gbrpf32le").filter("tonemap", curve, peak=peak / WHITE_NITS, desat=0)
        return mapped.filter("zscale", transfer="bt709", matrix="bt709", range="limited")

    return apply


def bt2390(node: Any, peak: float) -> Any:
    """ITU-R BT.2390-11's EETF (§ 5.4.1) on each of R, G and B in PQ, black at 0."""
    white = float(pq(np.array(peak)))
    most = float(pq(np.array(WHITE_NITS))) / white
    knee = 1.5 * most - 0.5
    place = f"st(0,clip(val/{FULL * white},0,1));st(1,(ld(0)-{knee})/{1 - knee})"
    spline = f"(2*ld(1)^3-3*ld(1)^2+1)*{knee}+(ld(1)^3-2*ld(1)^2+ld(1))*{1 - knee}+(3*ld(1)^2-2*ld(1)^3)*{most}"
    line = f"{place};{FULL * white}*if(lt(ld(0),{knee}),ld(0),{spline})"
    rgb = node.filter("zscale", matrix="gbr", range="full").filter("format", pix_fmts="gbrp16le")
    mapped = rgb.filter("lutrgb", r=line, g=line, b=line)
    return mapped.filter("zscale", transfer="bt709", primaries="bt709", matrix="bt709", range="limited", npl=WHITE_NITS)


MAPS: dict[str, Map] = {
    "ours": ours,
    "bt2390": bt2390,
    **{name: of_ffmpeg(name) for name in ("hable", "mobius", "reinhard", "clip")},
    "libplacebo": lambda node, _: node.filter("libplacebo", tonemapping="bt.2390", colorspace="bt709"),
}


def shown(tone_map: Map, colours: Colours, peak: float) -> tuple[Colours, Colours] | None:
    """What an SDR display of 203 cd/m² shows of the patches, in linear light of BT.2020, and the 8-bit signal, 0 to 1.

    None where the filter does not run here. The patches go in as 10 bits of 4:2:0, as films do.
    """
    code = np.round(pq(colours) * FULL).astype("<u2")
    pixels = np.repeat(np.repeat(code.reshape(1, -1, 3), SIDE, 0), SIDE, 1)[:, :, [1, 2, 0]]
    size = f"{len(colours) * SIDE}x{SIDE}"
    given = ffmpeg.input("pipe:", f="rawvideo", pix_fmt="gbrp16le", s=size).filter("setparams", **RGB_TAGS)
    film = given.filter("zscale", matrix="bt2020nc", range="limited").filter("format", pix_fmts="yuv420p10le")
    mapped = tone_map(film.filter("setparams", **HDR_TAGS), peak).filter("format", pix_fmts="yuv420p")
    rgb = mapped.filter("setparams", **SDR_TAGS).filter("zscale", matrix="gbr", range="full")
    output = rgb.filter("format", pix_fmts="gbrp16le").output("pipe:", f="rawvideo", v="error")
    try:
        raw, _ = output.run(cmd=ffmpeg_program(), input=pixels.transpose(2, 0, 1).tobytes(), quiet=True)
    except ffmpeg.Error:
        return None
    planes = np.frombuffer(raw, "<u2").reshape(3, SIDE, -1)[:, SIDE // 2, SIDE // 2 :: SIDE]
    signal = planes.T[:, [2, 0, 1]] / FULL
    return (signal**GAMMA * WHITE_NITS) @ TO_2020.T, signal
