"""Interface of all models: fit, scores, recommend. A model implements scores; the rest is here."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from ml.dataset import Dataset
from ml.kernels.keys import NOTHING, ascending, highest, places

BLOCK = 256  # rows scored at a time: more fall out of the processor's cache
WORKERS = min(4, os.cpu_count() or 1)  # threads; each holds a few blocks' scores
GROUPS = 4  # groups of titles per place asked for, whose maxima bound what can be among the best
LOWEST = np.finfo(np.float32).min
Scores = NDArray[np.float32]
Columns = NDArray[np.int32]
T = TypeVar("T")


@dataclass(frozen=True)
class Past:
    """What viewers have watched whom a model was not fitted to, viewers × titles."""

    plain: csr_array  # 1 where watched
    faded: csr_array  # less for every title watched later


class Model(ABC):
    """A recommender over the rows and columns of the dataset it was fitted to."""

    name: ClassVar[str]
    arrays: ClassVar[tuple[str, ...]] = ()  # what was learned of titles
    personal: ClassVar[tuple[str, ...]] = ()  # what was learned of viewers, a row each
    alike: ClassVar[bool] = False  # whether everybody gets the same scores
    seen: csr_array  # 1 where a title was watched that the viewer does not refuse
    withheld: csr_array  # above 0 where a title is not to be recommended
    shown: NDArray[np.bool_]

    def fit(self, data: Dataset) -> Self:
        """Learn from all of the data. The same data and seed give the same model."""
        liked = data.liked()
        self.seen, self.withheld, self.shown = liked.matrix(), data.withheld(), data.shown()
        self.learn(liked)
        return self

    @abstractmethod
    def learn(self, data: Dataset) -> None:
        """Fit the model's own parts."""

    @abstractmethod
    def scores(self, rows: NDArray[np.int64]) -> Scores:
        """(rows, titles), higher is better; comparable within a row only."""

    def fold(self, past: Past) -> Scores:
        """Scores for viewers who were not there. Raises NotImplementedError where a model cannot."""
        raise NotImplementedError(f"{self.name} knows only the viewers it was fitted to")

    def recommend(self, rows: NDArray[np.int64] | None, n: int, *, exclude_seen: bool = True) -> Columns:
        """(rows, n) columns, best first; -1 where there is nothing left to show. All rows when None."""
        rows = np.arange(self.seen.shape[0]) if rows is None else np.asarray(rows)
        out = np.full((len(rows), n), -1, np.int32)

        def fill(start: int, block: NDArray[np.int64]) -> None:
            scores = self.scores(block)
            mask(scores, self.shown, self.withheld[block] if exclude_seen else None)
            best = top(scores, n)
            out[start : start + len(block), : best.shape[1]] = best

        spread(fill, rows)
        return out


def blocks(rows: NDArray[np.int64], size: int = BLOCK) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Rows in blocks, each with its place."""
    for start in range(0, len(rows), size):
        yield start, rows[start : start + size]


def spread(work: Callable[[int, NDArray[np.int64]], T], rows: NDArray[np.int64], size: int = BLOCK) -> list[T]:
    """What `work(place, block)` gives for every block, in order; blocks are worked on side by side, since numpy lets
    other threads run while it counts, with one BLAS thread each. Who works on which changes nothing in what comes out.
    """
    parts = list(blocks(rows, size))
    if len(parts) < 2:
        return [work(*part) for part in parts]
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(min(WORKERS, len(parts))) as pool:
        return list(pool.map(lambda part: work(*part), parts))


def mask(scores: Scores, shown: NDArray[np.bool_], seen: csr_array | None) -> None:
    """Put -inf where a title may not be shown to the viewer of the row."""
    if not shown.all():
        scores[:, ~shown] = -np.inf
    if seen is not None:
        scores[np.repeat(np.arange(len(scores)), np.diff(seen.indptr)), seen.indices] = -np.inf


def top(scores: Scores, n: int) -> Columns:
    """(rows, ≤ n) columns by descending score, ties by column; -1 where the score is -inf."""
    n = min(n, scores.shape[1])
    best = highest(scores, _least(scores, n), n)
    return np.where(best == NOTHING, -1, places(best)).astype(np.int32)


def descending(values: Scores) -> NDArray[np.int64]:
    """(rows, n) the places of the values of each row, the highest first, ties by place."""
    return places(ascending(values)[:, ::-1])


def _least(scores: Scores, n: int) -> Scores:
    """(rows,) a bound that at least `n` scores of the row reach and few others: the n-th largest of the maxima of
    more than n groups. Comparing with it costs a tenth of partitioning whole rows."""
    groups = GROUPS * n
    if not n or 2 * groups > scores.shape[1]:
        return np.full(len(scores), LOWEST)
    deep = scores.shape[1] // groups
    maxima = scores[:, : deep * groups].reshape(len(scores), deep, groups).max(axis=1)
    return np.maximum(np.partition(maxima, groups - n, axis=1)[:, groups - n], LOWEST)


def standard(scores: Scores) -> Scores:
    """Scores with mean 0 and deviation 1 in each row, so that models of different scales can be added."""
    spread = scores.std(axis=1, keepdims=True)
    return (scores - scores.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-9)
