"""What every model does: fit, scores, recommend. A model has only to score; the rest is here, once."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ml.dataset import Dataset

BLOCK = 256  # rows scored at a time: more fall out of the processor's cache
Scores = NDArray[np.float32]
Columns = NDArray[np.int32]


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
    seen: csr_array
    shown: NDArray[np.bool_]

    def fit(self, data: Dataset) -> Self:
        """Learn from all of the data. The same data and seed give the same model."""
        self.seen, self.shown = data.matrix(), data.shown()
        self.learn(data)
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
        for start, block in blocks(rows):
            scores = self.scores(block)
            mask(scores, self.shown, self.seen[block] if exclude_seen else None)
            best = top(scores, n)
            out[start : start + len(block), : best.shape[1]] = best
        return out


def blocks(rows: NDArray[np.int64], size: int = BLOCK) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Rows in blocks, each with its place."""
    for start in range(0, len(rows), size):
        yield start, rows[start : start + size]


def mask(scores: Scores, shown: NDArray[np.bool_], seen: csr_array | None) -> None:
    """Put -inf where a title may not be shown to the viewer of the row."""
    if not shown.all():
        scores[:, ~shown] = -np.inf
    if seen is not None:
        scores[np.repeat(np.arange(len(scores)), np.diff(seen.indptr)), seen.indices] = -np.inf


def top(scores: Scores, n: int) -> Columns:
    """(rows, ≤ n) columns by descending score, ties by column; -1 where the score is -inf."""
    n = min(n, scores.shape[1])
    if n < scores.shape[1]:
        part = np.argpartition(scores, scores.shape[1] - n, axis=1)[:, -n:]
    else:
        part = np.broadcast_to(np.arange(n), scores.shape)
    part = np.sort(part, axis=1)
    values = np.take_along_axis(scores, part, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    found = np.take_along_axis(part, order, axis=1).astype(np.int32)
    found[np.take_along_axis(values, order, axis=1) == -np.inf] = -1
    return found


def standard(scores: Scores) -> Scores:
    """Scores with mean 0 and deviation 1 in each row, so that models of different scales can be added."""
    spread = scores.std(axis=1, keepdims=True)
    return (scores - scores.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-9)
