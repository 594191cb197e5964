"""Puts the watermark into the pictures of a chunk, before they are encoded.

The pattern of each segment is drawn once at the rendition's size into a raw file with one frame for each segment;
ffmpeg's `blend` adds it to every frame of the segment. Variant B takes away what variant A adds.
"""

from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np

from marquee.content.media.picture import bit_depth, described
from marquee.content.media.watermark.pattern import Plane, key_id, rounded, signs, spread
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import Chunk, EncodePlan, Rung, Variant
from marquee.tools.ffprobe import local


def marked(node: Any, plan: EncodePlan, rung: Rung, pattern: Path) -> Any:
    """The pictures of a chunk at the rendition's size with the watermark of a variant, from the file of `write`."""
    depth, rate = bit_depth(plan.picture, rung), plan.grid.frame_rate
    each = ffmpeg.input(
        local(pattern),
        f="rawvideo",
        pix_fmt="yuv420p10le" if depth > 8 else "yuv420p",
        s=f"{rung.width}x{rung.height}",
        framerate=f"{rate.numerator}/{rate.denominator * plan.grid.segment_frames}",
    )["v"].filter("setsar", 1)
    each = described(each, plan.picture, depth)
    return ffmpeg.filter([node, each], "blend", all_mode="grainmerge")  # the sum of both less half the range


def write(path: Path, plan: EncodePlan, rung: Rung, chunk: Chunk, strengths: Plane, key: str) -> None:
    """Write a chunk's pattern at a rendition's size, a frame for each of its segments (4:2:0, half the range is none).

    `strengths` are those of `masks`. Raises InvalidInput for another key than the plan's.
    """
    if key_id(key) != plan.watermark:
        raise InvalidInput("another key of the watermark", where=plan.hash, expected=plan.watermark, got=key_id(key))
    depth = bit_depth(plan.picture, rung)
    half, dtype = 1 << (depth - 1), "<u2" if depth > 8 else "u1"
    scale = (1 if rung.variant is Variant.A else -1) * (1 << (depth - 8))
    chroma = np.full(rung.width * rung.height // 2, half, dtype).tobytes()
    first = chunk.first_frame // plan.grid.segment_frames
    with path.open("wb") as file:
        for segment, strength in enumerate(strengths, start=first):
            drawn = spread(strength * signs(key, plan.mezzanine_sha256, segment), rung.width, rung.height)
            file.write((half + rounded(scale * drawn)).astype(dtype).tobytes())
            file.write(chroma)
