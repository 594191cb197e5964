"""The watermark's strengths for every segment of a chunk, measured on the film once for all renditions."""

import io
from pathlib import Path

import numpy as np

from marquee.content.media.keys import content_key
from marquee.content.media.picture import command, programme, seek_point, shaped
from marquee.content.media.watermark.masking import HEIGHT, WIDTH, strengths
from marquee.content.media.watermark.pattern import VERSION, Plane
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import Chunk, EncodePlan
from marquee.storage import Store
from marquee.tools.ffprobe import local
from marquee.tools.process import run

LEAST_TIMEOUT_S, TIMEOUT_S_PER_FRAME = 600, 1


def masks(plan: EncodePlan, chunk: Chunk, mezzanine: Store, work: Store, scratch: Path) -> Plane:
    """Strengths (segments, rows, columns) of a chunk; measured ones in the work store are reused. Raises ToolFailed."""
    key = masks_key(plan, chunk)
    if not work.exists(key):
        source = mezzanine.fetch(plan.mezzanine_key)
        small = scratch / "small.gray"
        seek_s = seek_point(source, plan.picture, float(chunk.first_frame / plan.grid.frame_rate))
        argv = small_command(plan, chunk, source, small, seek_s=seek_s)
        run(argv, timeout_s=LEAST_TIMEOUT_S + chunk.frames * TIMEOUT_S_PER_FRAME)
        work.write(key, _stored(_measured(plan, chunk, small)))
    found: Plane = np.load(io.BytesIO(work.read(key)), allow_pickle=False)
    return found


def masks_key(plan: EncodePlan, chunk: Chunk) -> str:
    """Where a chunk's strengths lie in the work store."""
    argv = small_command(plan, chunk, Path("/source"), Path("/output"))[1:]
    return content_key("masks", plan, argv, plan.grid.segment_frames, VERSION, suffix=".npy")


def small_command(
    plan: EncodePlan, chunk: Chunk, source: Path, output: Path, *, seek_s: float | None = None
) -> list[str]:
    """ffmpeg's arguments for the luma of a chunk's frames, small, as raw bytes."""
    node = programme(plan, source, chunk.first_frame, chunk.frames, seek_s=seek_s)
    luma = shaped(node, plan.picture, WIDTH, HEIGHT, 8).filter("extractplanes", "y")
    return command(luma.output(local(output), f="rawvideo", fps_mode="passthrough"))


def _measured(plan: EncodePlan, chunk: Chunk, small: Path) -> Plane:
    frames = np.memmap(small, np.uint8, "r").reshape(-1, HEIGHT, WIDTH)
    if len(frames) != chunk.frames:
        where = f"chunk {chunk.index}"
        raise GateFailed("wrong number of frames", where=where, expected=str(chunk.frames), got=str(len(frames)))
    starts = range(0, len(frames), plan.grid.segment_frames)
    return np.stack([strengths(frames[n : n + plan.grid.segment_frames]) for n in starts])


def _stored(array: Plane) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array.astype(np.float32), allow_pickle=False)
    return buffer.getvalue()
