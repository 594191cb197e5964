"""VMAF of each chunk against the source, and a hash of each decoded frame, in one decode."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ffmpeg

from marquee.content.media import sampling
from marquee.content.media.encode import Progress, chunk_key, frame_counter, time_limit
from marquee.content.media.picture import bit_depth, command, programme, seek_point, shaped
from marquee.contracts.base import Contract
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import Chunk, ChunkJob, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.ffprobe import local
from marquee.tools.process import run

# Trained for 1080p seen from three screen heights (Netflix/vmaf, models.md); built into libvmaf.
MODEL = "version=vmaf_v0.6.1"

FRAME_HASH = {"f": "framehash", "hash": "murmur3"}
SCORES, HASHES = "vmaf.json", "frames.txt"


class ChunkScores(Contract):
    """Scores of one chunk, counted in its own frames: VMAF by frame number, a hash of every decoded frame."""

    vmaf: dict[int, float]
    hashes: tuple[str, ...]


def scores_key(plan: EncodePlan, rung: Rung, chunk: Chunk) -> str:
    """Where a chunk's scores lie in the work store, named after the chunk."""
    name = chunk_key(plan, rung, chunk).removeprefix("chunks/").removesuffix(".mp4")
    return f"scores/{'-'.join([name, *map(str, sampling.recipe(plan))])}.json"


def vmaf_command(
    plan: EncodePlan,
    rung: Rung,
    chunk: Chunk,
    source: Path,
    encoded: Path,
    *,
    seek_s: float | None = None,
    features: str = "",
) -> list[str]:
    """ffmpeg's arguments: `vmaf.json` and `frames.txt` are written into its working folder.

    The reference is the programme at its displayed size; the encoded picture is scaled up to it (bicubic). Both count
    frames from zero, so that equal numbers meet. `features` are further ones of libvmaf, e.g. `name=psnr`, joined by |.
    """
    decoded = ffmpeg.input(local(encoded), f="mov", threads=1)["v"]
    shown = programme(plan, source, chunk.first_frame, chunk.frames, seek_s=seek_s)
    return command(comparison(plan, rung, chunk, decoded, shown, features), "-progress", "pipe:1")


def comparison(plan: EncodePlan, rung: Rung, chunk: Chunk, decoded: Any, shown: Any, features: str = "") -> Any:
    """The outputs of `vmaf_command` from the decoded chunk and the frames of the programme that it shows."""
    near = shown.filter("select", sampling.choosing_with_neighbours(plan)).filter("setpts", "N")
    reference = shaped(near, plan.picture, *_size(plan), bit_depth(plan.picture, rung))
    copies = decoded.filter_multi_output("split")
    scored = ffmpeg.filter(
        [_distorted(copies[1], plan, chunk.frames), reference],
        "libvmaf",
        model=MODEL,
        n_subsample=sampling.neighbours(plan),
        log_fmt="json",
        log_path=SCORES,
        **({"feature": features} if features else {}),
    )
    hashes = copies[0].output(HASHES, fps_mode="passthrough", **FRAME_HASH)
    return ffmpeg.merge_outputs(hashes, scored.output("-", f="null", fps_mode="passthrough"))


def _distorted(node: Any, plan: EncodePlan, frames: int) -> Any:
    """The encoded picture as the reference's partner: a compared frame, scaled once, fills places up to the next."""
    near, rate = sampling.neighbours(plan), plan.grid.frame_rate
    width, height = _size(plan)
    return (
        node.filter("settb", f"{rate.denominator}/{rate.numerator}")
        .filter("select", sampling.choosing(plan))
        .filter("setpts", f"{near}*N")
        .filter("scale", w=width, h=height, flags="bicubic")
        .filter("setsar", 1)
        .filter("fps", fps=f"{rate.numerator}/{rate.denominator}")
        .filter("tpad", stop=near, stop_mode="clone")
        .filter("trim", end_frame=sampling.shown_with(plan, frames))
        .filter("setpts", "N")
    )


def _size(plan: EncodePlan) -> tuple[int, int]:
    return plan.picture.width, plan.picture.height


def score_chunk(
    plan: EncodePlan,
    job: ChunkJob,
    mezzanine: Store,
    work: Store,
    scratch: Path,
    on_progress: Progress = lambda _: None,
) -> ChunkScores:
    """Score one encoded chunk, once: scores in the work store are reused.

    Raises NotFound when the chunk is not encoded, GateFailed when it decodes to another number of frames.
    """
    rung, chunk = plan.rungs[job.rung], plan.chunks[job.chunk]
    key = scores_key(plan, rung, chunk)
    if not work.exists(key):
        encoded = work.fetch(chunk_key(plan, rung, chunk))
        source = mezzanine.fetch(plan.mezzanine_key)
        with TemporaryDirectory(dir=scratch) as name:
            folder = Path(name)
            seek_s = seek_point(source, plan.picture, float(chunk.first_frame / plan.grid.frame_rate))
            argv = vmaf_command(plan, rung, chunk, source, encoded, seek_s=seek_s)
            counter = frame_counter(chunk.frames, on_progress)
            run(argv, timeout_s=time_limit(chunk.frames), cwd=folder, on_line=counter)
            keep_scores(plan, rung, chunk, work, folder, where=job.name)
    on_progress(1.0)
    return ChunkScores.model_validate_json(work.read(key))


def frame_hashes(lines: Iterable[str]) -> Iterator[str]:
    """The last column of ffmpeg's framehash output: one hash a frame."""
    return (line.rpartition(",")[2].strip() for line in lines if line and not line.startswith("#"))


def keep_scores(plan: EncodePlan, rung: Rung, chunk: Chunk, work: Store, folder: Path, *, where: str) -> None:
    """Store what a comparison has written into its folder. Raises GateFailed where frames are missing."""
    frames = json.loads((folder / SCORES).read_text())["frames"]
    if len(frames) != len(wanted := sampling.compared(plan, chunk.frames)):
        raise GateFailed("VMAF missed frames", where=where, expected=str(len(wanted)), got=str(len(frames)))
    scores = ChunkScores(
        vmaf={n: round(each["metrics"]["vmaf"], 3) for n, each in zip(wanted, frames, strict=True)},
        hashes=tuple(frame_hashes((folder / HASHES).read_text().splitlines())),
    )
    if len(scores.hashes) != chunk.frames:
        expected, got = str(chunk.frames), str(len(scores.hashes))
        raise GateFailed("wrong number of decoded frames", where=where, expected=expected, got=got)
    work.write(scores_key(plan, rung, chunk), scores.model_dump_json().encode())
