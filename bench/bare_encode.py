"""The floor of the encode stage: its ffmpeg commands alone, as many at once as there are slots.

They encode every chunk and score it, as the stage does, or encode it only.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from marquee.content.media.audio import encode_audio
from marquee.content.media.encode import chunk_commands, time_limit
from marquee.content.media.picture import seek_point
from marquee.content.media.scored import in_one, scoring_arguments
from marquee.content.media.subtitles import convert_subtitles
from marquee.content.media.thumbnails import make_artwork, make_thumbnails
from marquee.content.media.vmaf import vmaf_command
from marquee.contracts.plan import ChunkJob, EncodePlan, TrackJob, TrackKind
from marquee.storage import Store
from marquee.tools.process import run


@dataclass(frozen=True)
class Bare:
    """Seconds: from the first chunk's start to the last one's end, and the processes' own, summed over the chunks."""

    wall_s: float
    encoding_s: float


def encode(
    plan: EncodePlan,
    jobs: Sequence[ChunkJob | TrackJob],
    mezzanine: Store,
    slots: int,
    scratch: Path,
    *,
    scored: bool = True,
) -> Bare:
    """Run the jobs in that order and throw the outputs away. Commands are made before the clock starts."""
    with TemporaryDirectory(dir=scratch) as name:
        ready = [_ready(plan, job, mezzanine, Path(name), scored=scored) for job in jobs]
        with ThreadPoolExecutor(slots) as pool:
            times = list(pool.map(_timed, ready))
    chunks = [times[n] for n, job in enumerate(jobs) if isinstance(job, ChunkJob)]
    wall_s = max(end for _, end in chunks) - min(start for start, _ in chunks)
    return Bare(wall_s, sum(end - start for start, end in chunks))


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    start = time.monotonic()
    work()
    return start, time.monotonic()


def _ready(
    plan: EncodePlan, job: ChunkJob | TrackJob, mezzanine: Store, folder: Path, *, scored: bool
) -> Callable[[], object]:
    if isinstance(job, TrackJob):
        return partial(_make_track, plan, job, mezzanine, folder)
    rung, chunk = plan.rungs[job.rung], plan.chunks[job.chunk]
    source = mezzanine.fetch(plan.mezzanine_key)
    seek_s = seek_point(source, plan.picture, float(chunk.first_frame / plan.grid.frame_rate))
    output = folder / f"{rung.name}-{chunk.index}.mp4"
    scores = output.with_suffix("")
    scores.mkdir()
    commands = chunk_commands(plan, rung, chunk, source, output, seek_s=seek_s)
    if scored and in_one(plan, rung):
        commands[-1] += scoring_arguments(plan, rung, chunk, commands[-1], source)
    elif scored:
        commands.append(vmaf_command(plan, rung, chunk, source, output, seek_s=seek_s))
    return partial(_run, commands, scores, time_limit(chunk.frames))


def _run(commands: Sequence[list[str]], folder: Path, timeout_s: float) -> None:
    for argv in commands:
        run(argv, timeout_s=timeout_s, cwd=folder)


def _make_track(plan: EncodePlan, job: TrackJob, mezzanine: Store, folder: Path) -> None:
    work = Store(f"file://{folder}/work")
    match job.kind:
        case TrackKind.AUDIO:
            encode_audio(plan, next(a for a in plan.audio if a.name == job.track), mezzanine, work, folder)
        case TrackKind.TEXT:
            convert_subtitles(plan, next(t for t in plan.text if t.name == job.track), mezzanine, work, folder)
        case TrackKind.PICTURES:
            make_thumbnails(plan, mezzanine, work, folder)
            make_artwork(plan, mezzanine, work, folder)
