"""Luma of films and captures as the reader compares them: small, at the programme's rate, in a raw file."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from marquee.content.media.picture import command, programme, seek_point, shaped
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import EncodePlan
from marquee.tools.ffprobe import local
from marquee.tools.process import run

Frames = NDArray[np.uint8]
"""(count, height, width)"""

DEMUXERS = "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg"  # none that refers to other files
LEAST_TIMEOUT_S, TIMEOUT_S_PER_S = 600, 30


def of_capture(
    capture: Path, rate: Fraction, size: tuple[int, int], output: Path, *, start_s: float, seconds: float
) -> Frames:
    """Frames of a part of a capture in that size (width, height). `output` is the raw file, which has to last.

    Raises InvalidInput when there is no picture in it, ToolFailed when it cannot be decoded.
    """
    opened = ffmpeg.input(
        local(capture), format_whitelist=DEMUXERS, protocol_whitelist="file,pipe", ss=start_s, t=seconds
    )
    node = opened["v:0"].filter("setpts", "PTS-STARTPTS").filter("fps", fps=f"{rate.numerator}/{rate.denominator}")
    small = node.filter("scale", w=size[0], h=size[1], flags="area").filter("format", pix_fmts="yuv420p")
    return _decoded(small, size, output, seconds, where=str(capture))


def of_programme(plan: EncodePlan, source: Path, first: int, count: int, size: tuple[int, int], output: Path) -> Frames:
    """Frames of a stretch of the programme, likewise."""
    seek_s = seek_point(source, plan.picture, float(first / plan.grid.frame_rate))
    node = shaped(programme(plan, source, first, count, seek_s=seek_s), plan.picture, *size, 8)
    return _decoded(node, size, output, float(count / plan.grid.frame_rate), where=plan.hash)


def _decoded(node: Any, size: tuple[int, int], output: Path, seconds: float, *, where: str) -> Frames:
    written = node.filter("extractplanes", "y").output(local(output), f="rawvideo", fps_mode="passthrough")
    run(command(written), timeout_s=LEAST_TIMEOUT_S + seconds * TIMEOUT_S_PER_S)
    if not output.stat().st_size:
        raise InvalidInput("no picture", where=where, expected="a film or a part of one")
    return np.memmap(output, np.uint8, "r").reshape(-1, size[1], size[0])
