"""Encodes rungs and scores them by VMAF, PSNR and SSIM; what was made before is found."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from bench.quality.clips import Clip
from marquee.content.media.encode import chunk_key, encode_chunk, time_limit
from marquee.content.media.keys import content_key
from marquee.content.media.packets import read_packets
from marquee.content.media.picture import seek_point
from marquee.content.media.vmaf import vmaf_command
from marquee.contracts.base import Contract
from marquee.contracts.plan import Chunk, ChunkJob, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.process import run

FEATURES = "name=psnr|name=float_ssim"
EVERY = 2  # frames


class Point(Contract):
    """A rendition: kb/s, VMAF, luma PSNR in dB, SSIM as the dB of what is missing (-10 log10(1 - SSIM)).

    `seconds` is what encoding took.
    """

    name: str
    kbps: float
    vmaf: float
    psnr: float
    ssim: float
    seconds: float


Make = Callable[[EncodePlan, Chunk, Path, Path], list[list[str]]]
"""The commands that encode a chunk of a source into a file."""


def ours(clip: Clip, rung: Rung, work: Store) -> Point:
    """A rung as the pipeline encodes it."""
    plan = clip.draft.model_copy(update={"rungs": (rung,)})
    key = content_key("points", plan, chunk_key(plan, rung, plan.chunks[0]), len(plan.chunks), suffix=".json")
    return _once(work, key, lambda: _measured(clip, plan, work))


def _once(work: Store, key: str, make: Callable[[], Point]) -> Point:
    if not work.exists(key):
        work.write(key, make().model_dump_json().encode())
    return Point.model_validate_json(work.read(key))


def _measured(clip: Clip, plan: EncodePlan, work: Store) -> Point:
    started, rung = time.monotonic(), plan.rungs[0]
    with TemporaryDirectory(prefix="marquee-bench-") as name:
        for chunk in plan.chunks:
            job = ChunkJob(plan="", rung=0, chunk=chunk.index, name=rung.label)
            encode_chunk(plan, job, clip.mezzanine, work, Path(name))
    seconds = time.monotonic() - started
    files = [work.fetch(chunk_key(plan, rung, chunk)) for chunk in plan.chunks]
    return point(clip, plan, files, seconds)


def elsewhere(clip: Clip, rung: Rung, recipe: object, make: Make, work: Store) -> Point:
    """A rung as other commands encode it, the whole clip at once; `recipe` names them."""
    whole = Chunk(index=0, first_frame=0, frames=clip.draft.picture.frames)
    plan = clip.draft.model_copy(update={"rungs": (rung,), "chunks": (whole,)})
    key = content_key("points", plan, chunk_key(plan, rung, whole), recipe, suffix=".json")

    def measure() -> Point:
        started, source = time.monotonic(), clip.mezzanine.fetch(plan.mezzanine_key)
        with TemporaryDirectory(prefix="marquee-bench-") as name:
            output = Path(name) / "whole.mp4"
            for argv in make(plan, whole, source, output):
                run(argv, timeout_s=time_limit(whole.frames), cwd=Path(name))
            return point(clip, plan, [output], time.monotonic() - started)

    return _once(work, key, measure)


def point(clip: Clip, plan: EncodePlan, files: list[Path], seconds: float) -> Point:
    """Score the files, one per chunk."""
    source = clip.mezzanine.fetch(plan.mezzanine_key)
    size = sum(sum(read_packets(file).sizes) for file in files)
    scored = [f for chunk, file in zip(plan.chunks, files, strict=True) for f in frames(plan, chunk, source, file)]
    return Point(
        name=plan.rungs[0].name,
        kbps=size * 8 / plan.duration_s / 1000,
        vmaf=fmean(frame["vmaf"] for frame in scored),
        psnr=fmean(frame["psnr_y"] for frame in scored),
        ssim=-10 * math.log10(max(1e-6, 1 - fmean(frame["float_ssim"] for frame in scored))),
        seconds=seconds,
    )


def frames(
    plan: EncodePlan, chunk: Chunk, source: Path, encoded: Path, *, every: int = EVERY
) -> list[dict[str, float]]:
    """Scores of one chunk of the plan's only rung, by libvmaf's names, one frame in so many."""
    scored = plan.model_copy(update={"vmaf_every": every, "vmaf_between": 0})
    seek_s = seek_point(source, plan.picture, float(chunk.first_frame / plan.grid.frame_rate))
    argv = vmaf_command(scored, plan.rungs[0], chunk, source, encoded, seek_s=seek_s, features=FEATURES)
    with TemporaryDirectory(prefix="marquee-bench-") as name:
        run(argv, timeout_s=time_limit(chunk.frames), cwd=Path(name))
        return [frame["metrics"] for frame in json.loads((Path(name) / "vmaf.json").read_text())["frames"]]
