"""What every chunk of a clip gives at a few CRFs: bits, and VMAF, PSNR and SSIM by frame."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from bench.quality.clips import Clip, clip
from bench.quality.points import frames
from marquee.content.media.encode import chunk_key, encode_chunk
from marquee.content.media.grid import make_chunks
from marquee.content.media.keys import content_key
from marquee.content.media.ladder import box_scale, scaled
from marquee.content.media.packets import read_packets
from marquee.contracts.plan import Chunk, ChunkJob, EncodePlan, Rung
from marquee.storage import Store

Array = NDArray[np.float64]
Scores = dict[str, list[list[float]]]  # by metric, a row of frames for each CRF
METRICS = ("vmaf", "psnr_y", "float_ssim")
EVERY = 4  # frames
UNCAPPED_KBPS = 60_000


class Measured:
    """A chunk of so many seconds: bits and frame scores at any CRF between those that were encoded (PCHIP)."""

    def __init__(self, seconds: float, crfs: list[int], bits: list[float], scores: Scores) -> None:
        self.seconds = seconds
        self._bits = PchipInterpolator(crfs, np.log2(bits))
        self._scores = {name: PchipInterpolator(crfs, np.array(found)) for name, found in scores.items()}

    def bits(self, crf: float) -> float:
        return float(2 ** self._bits(crf))

    def scores(self, metric: str, crf: float) -> Array:
        """One for each frame that was scored."""
        return np.asarray(self._scores[metric](crf))


class Together(NamedTuple):
    """Chunks that follow each other, as one: groups of pictures are closed, so that their bits add up."""

    parts: Sequence[Measured]

    @property
    def seconds(self) -> float:
        return sum(part.seconds for part in self.parts)

    def bits(self, crf: float) -> float:
        return sum(part.bits(crf) for part in self.parts)

    def scores(self, metric: str, crf: float) -> Array:
        return np.concatenate([part.scores(metric, crf) for part in self.parts])


def cut(path: Path, seconds: float | None) -> Clip:
    """The clip in chunks of one segment."""
    taken = clip(path, seconds)
    grid = taken.draft.grid.model_copy(update={"segments_per_chunk": 1})
    chunks = make_chunks(grid, taken.draft.picture.frames)
    return Clip(taken.name, taken.draft.model_copy(update={"grid": grid, "chunks": chunks}), taken.mezzanine)


def rung_like(taken: Clip, box: int, like: Rung) -> Rung:
    """A rung of the clip's own shape in a 16:9 box of so many lines."""
    picture = taken.draft.picture
    width, height = scaled(picture.width, picture.height, box_scale(box, picture.width, picture.height))
    return like.model_copy(update={"width": width, "height": height})


def table(taken: Clip, rung: Rung, crfs: list[int], work: Store) -> list[Measured]:
    """Every chunk of a clip, encoded by the rung's settings at each CRF; what was made before is found."""
    found = []
    for chunk in taken.draft.chunks:
        rows = [_row(taken, rung.model_copy(update={"crf": crf}), chunk, work) for crf in crfs]
        print(f"{taken.name} {rung.name} chunk {chunk.index + 1}/{len(taken.draft.chunks)}", flush=True)
        scores = {name: [row[name] for row in rows] for name in METRICS}
        seconds = float(chunk.frames / taken.draft.grid.frame_rate)
        found.append(Measured(seconds, crfs, [8 * sum(row["bytes"]) for row in rows], scores))
    return found


def _row(taken: Clip, rung: Rung, chunk: Chunk, work: Store) -> dict[str, list[float]]:
    plan = taken.draft.model_copy(update={"rungs": (rung,)})
    key = content_key("slope", plan, chunk_key(plan, rung, chunk), EVERY, suffix=".json")
    if not work.exists(key):
        work.write(key, json.dumps(_made(taken, plan, chunk, work)).encode())
    row: dict[str, list[float]] = json.loads(work.read(key))
    return row


def _made(taken: Clip, plan: EncodePlan, chunk: Chunk, work: Store) -> dict[str, list[float]]:
    with TemporaryDirectory(prefix="marquee-bench-") as folder:
        encode_chunk(plan, ChunkJob(plan="", rung=0, chunk=chunk.index, name=""), taken.mezzanine, work, Path(folder))
    encoded = work.fetch(chunk_key(plan, plan.rungs[0], chunk))
    scored = frames(plan, chunk, taken.mezzanine.fetch(plan.mezzanine_key), encoded, every=EVERY)
    by_metric = {name: [frame[name] for frame in scored] for name in METRICS}
    return {"bytes": [float(sum(read_packets(encoded).sizes))], **by_metric}
