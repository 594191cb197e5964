"""Lists of a publication computed in parts by several tasks, and read back by the one that publishes.

A part is a range of the model's rows. What a row gets depends on that row alone (ml.kernels), so the parts' borders
and the machines that score them change nothing. A part's file names no viewer: its lines are rows of the model, whose
viewers stand in an index of the lake.
"""

import io
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from marquee.contracts.ids import EPOCH_MS, SEQUENCE_BITS, WORKER_BITS, new_id
from marquee.logs import log
from marquee.viewing import lake
from ml import publish, publish_job, registry

FOLDER = "scored"
ABANDONED_MS = 86_400_000
ROWS, MOST = 50_000, 500  # viewers of a part at least, and parts at most: Airflow maps over no more than 1,024


class Part(BaseModel):
    """Rows `first` to before `end` of a version of the model, for one publication."""

    model_config = ConfigDict(frozen=True)

    publication: int
    version: int
    first: int
    end: int

    @property
    def name(self) -> str:
        """For people."""
        return f"viewers {self.first + 1:,} to {self.end:,}"

    @property
    def key(self) -> str:
        return f"{FOLDER}/{self.publication}/{self.first:012d}.npy"


def plan(rows: int = ROWS) -> list[Part]:
    """The parts of the champion's next publication; none where that is a mere switch. What killed ones left is removed
    after a day. Raises NotFound without a champion."""
    _remove_abandoned()
    champion = publish_job.champion()
    if publish.at_hand(champion.model):
        return []
    publication, viewers = new_id(), int(champion.tags["viewers"])
    step = max(rows, -(-viewers // MOST))
    bounds = [(first, min(first + step, viewers)) for first in range(0, viewers, step)]
    return [Part(publication=publication, version=champion.number, first=first, end=end) for first, end in bounds]


def _remove_abandoned() -> None:
    store, oldest_ms = lake.store(), time.time() * 1000 - ABANDONED_MS
    for publication in {key.split("/")[1] for key in store.keys(FOLDER)}:
        if (int(publication) >> WORKER_BITS + SEQUENCE_BITS) + EPOCH_MS < oldest_ms:
            store.delete(f"{FOLDER}/{publication}")


def score(part: Part) -> int:
    """Compute a part's lists unless they are there already; returns the number of rows."""
    store = lake.store()
    if not store.exists(part.key):
        answers = publish_job.answers(registry.version(part.version))
        blocks = range(part.first, part.end, publish.BLOCK)
        lists = [_lists(answers, first, min(first + publish.BLOCK, part.end), part.end) for first in blocks]
        buffer = io.BytesIO()
        np.save(buffer, np.concatenate(lists), allow_pickle=False)
        store.write(part.key, buffer.getvalue())
    return part.end - part.first


def _lists(answers: publish.Answers, first: int, end: int, last: int) -> NDArray[np.int32]:
    found = answers.recommend(np.arange(first, end), publish.BEST)
    log.info("scored", rows=end, of=last)
    return found


def publish_scored(parts: Sequence[Part]) -> int:
    """Publish what was scored, and remove it; without parts, what the champion says. Returns the generation.

    Raises NotFound where a part is missing.
    """
    if not parts:
        return publish_job.publish_champion()
    answers = publish_job.answers(registry.version(parts[0].version), recommend=reader(parts))
    generation = publish.publish(answers)
    lake.store().delete(f"{FOLDER}/{parts[0].publication}")
    return generation


def reader(parts: Sequence[Part]) -> Callable[[NDArray[np.int64], int], NDArray[np.int32]]:
    """`recommend` of publish.Answers from the files of parts in order. Rows are asked for in order, so one is held."""
    begins = np.array([part.first for part in parts])
    held: dict[int, NDArray[np.int32]] = {}

    def lists(place: int) -> NDArray[np.int32]:
        if place not in held:
            held.clear()
            held[place] = np.load(io.BytesIO(lake.store().read(parts[place].key)), allow_pickle=False)
        return held[place]

    def recommend(rows: NDArray[np.int64], count: int) -> NDArray[np.int32]:
        owners = np.searchsorted(begins, rows, side="right") - 1
        out = np.empty((len(rows), count), np.int32)
        for place in np.unique(owners).tolist():
            mine = owners == place
            out[mine] = lists(place)[rows[mine] - begins[place], :count]
        return out

    return recommend
