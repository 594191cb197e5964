"""VMAF of each chunk against the source, and a hash of each decoded frame, in one decode."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import ffmpeg

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
THREADS = 1

FRAME_HASH = {"f": "framehash", "hash": "murmur3"}


class ChunkScores(Contract):
    """Scores of one chunk, counted in its own frames: VMAF by frame number, a hash of every decoded frame."""

    vmaf: dict[int, float]
    hashes: tuple[str, ...]


def scores_key(plan: EncodePlan, rung: Rung, chunk: Chunk) -> str:
    """Where a chunk's scores lie in the work store, named after the chunk."""
    name = chunk_key(plan, rung, chunk).removeprefix("chunks/").removesuffix(".mp4")
    return f"scores/{name}-{plan.vmaf_every}.json"


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
    depth = bit_depth(plan.picture, rung)
    size = plan.picture.width, plan.picture.height
    reference = shaped(
        programme(plan, source, chunk.first_frame, chunk.frames, seek_s=seek_s), plan.picture, *size, depth
    )
    rate = plan.grid.frame_rate
    decoded = ffmpeg.input(local(encoded), f="mov", threads=1)["v"].filter_multi_output("split")
    distorted = (
        decoded[1]
        .filter("settb", f"{rate.denominator}/{rate.numerator}")
        .filter("setpts", "N")
        .filter("scale", w=size[0], h=size[1], flags="bicubic")
        .filter("setsar", 1)
    )
    compared = ffmpeg.filter(
        [distorted, reference],
        "libvmaf",
        model=MODEL,
        n_threads=THREADS,
        n_subsample=plan.vmaf_every,
        log_fmt="json",
        log_path="vmaf.json",
        **({"feature": features} if features else {}),
    )
    hashes = decoded[0].output("frames.txt", fps_mode="passthrough", **FRAME_HASH)
    nothing = compared.output("-", f="null", fps_mode="passthrough")
    return command(ffmpeg.merge_outputs(hashes, nothing), "-progress", "pipe:1")


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
            scores = _scores(folder)
        _check(scores, chunk, where=job.name)
        work.write(key, scores.model_dump_json().encode())
    on_progress(1.0)
    return ChunkScores.model_validate_json(work.read(key))


def frame_hashes(lines: Iterable[str]) -> Iterator[str]:
    """The last column of ffmpeg's framehash output: one hash a frame."""
    return (line.rpartition(",")[2].strip() for line in lines if line and not line.startswith("#"))


def _scores(folder: Path) -> ChunkScores:
    frames = json.loads((folder / "vmaf.json").read_text())["frames"]
    return ChunkScores(
        vmaf={frame["frameNum"]: round(frame["metrics"]["vmaf"], 3) for frame in frames},
        hashes=tuple(frame_hashes((folder / "frames.txt").read_text().splitlines())),
    )


def _check(scores: ChunkScores, chunk: Chunk, *, where: str) -> None:
    if len(scores.hashes) != chunk.frames:
        expected, got = str(chunk.frames), str(len(scores.hashes))
        raise GateFailed("wrong number of decoded frames", where=where, expected=expected, got=got)
    if not scores.vmaf:
        raise GateFailed("VMAF compared no frame", where=where)
