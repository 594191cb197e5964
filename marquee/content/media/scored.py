"""Encodes a chunk and scores it in one process: the source is decoded once, and what the encoder writes as it comes.

ffmpeg decodes an encoder's packets by `-dec`, without a file between; the joined rendition's own frames are held
against the hashes of these, so a file that decodes to something else does not pass.
"""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import ffmpeg

from marquee.content.media import hardware
from marquee.content.media.encode import Beside, Progress, encode_chunk
from marquee.content.media.picture import programme
from marquee.content.media.vmaf import ChunkScores, comparison, keep_scores, score_chunk
from marquee.contracts.plan import Chunk, ChunkJob, ChunkResult, EncodePlan, Rung
from marquee.storage import Store
from marquee.tools.ffprobe import local

# Frames of the reference wait in memory for the encoder, which looks ahead: at most this many samples a frame.
MOST_PIXELS = 2560 * 1440
LABEL = re.compile(r"\[s(\d+)\]")


def encode_scored(
    plan: EncodePlan,
    job: ChunkJob,
    mezzanine: Store,
    work: Store,
    scratch: Path,
    on_progress: Progress = lambda _: None,
    *,
    watermark_key: str = "",
) -> tuple[ChunkResult, ChunkScores]:
    """Encode one chunk and score it, each once; see `encode_chunk` and `score_chunk`, whose results these are.

    A chunk that is there without scores, one that is copied, large, or made by hardware is scored by itself.
    """
    rung, chunk = plan.rungs[job.rung], plan.chunks[job.chunk]
    beside = _scores(plan, rung, chunk, work, job.name) if in_one(plan, rung) else None
    done = encode_chunk(plan, job, mezzanine, work, scratch, on_progress, watermark_key=watermark_key, beside=beside)
    return done, score_chunk(plan, job, mezzanine, work, scratch)


def in_one(plan: EncodePlan, rung: Rung) -> bool:
    """Whether one process encodes and scores a rung's chunks."""
    large = plan.picture.width * plan.picture.height > MOST_PIXELS
    return not (rung.copied or large or hardware.encodes(plan, rung))


def _scores(plan: EncodePlan, rung: Rung, chunk: Chunk, work: Store, name: str) -> Beside:
    keep: Callable[[Path], None] = partial(keep_scores, plan, rung, chunk, work, where=name)
    return Beside(partial(scoring_arguments, plan, rung, chunk), keep)


def scoring_arguments(plan: EncodePlan, rung: Rung, chunk: Chunk, encoding: list[str], source: Path) -> list[str]:
    """What follows the arguments of an encode for `vmaf.json` and `frames.txt` in its working folder.

    The same comparison as that of files, its inputs named anew: the encoder's packets, and the source that is open.
    """
    decoded = ffmpeg.input("packets")["v"]
    shown = programme(plan, source, chunk.first_frame, chunk.frames)
    argv = ffmpeg.get_args(comparison(plan, rung, chunk, decoded, shown))
    stream = plan.picture.stream
    inputs = {
        f"[{_place(argv, 'packets')}:v]": "[dec:0]",
        f"[{_place(argv, local(source))}:{stream}]": f"[{_place(encoding, local(source))}:{stream}]",
    }
    following = argv[argv.index("-filter_complex") :]
    return ["-threads", "1", "-dec", "0:0", *(_renamed(argument, inputs) for argument in following)]


def _place(argv: list[str], name: str) -> int:
    """Which of the inputs has that name."""
    return [argv[n + 1] for n, argument in enumerate(argv) if argument == "-i"].index(name)


def _renamed(argument: str, inputs: dict[str, str]) -> str:
    """An argument with these inputs, and labels that the encode's own graph does not have."""
    for old, new in inputs.items():
        argument = argument.replace(old, new)
    return LABEL.sub(r"[score\1]", argument)
