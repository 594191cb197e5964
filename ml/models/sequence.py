"""Sequence model: titles that follow soon after a viewer's last ones, in the same visit."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ml.dataset import Dataset
from ml.kernels.products import product
from ml.kernels.tiles import Prepared, tiled
from ml.models.base import Model, Past, Scores

SITTING_MS = 3_600_000  # a longer pause ends a sitting


class Sequence(Model):
    """Pairs a → b up to `reach` places apart within one sitting count 1 / distance. A title's score is the sum over
    the viewer's last titles, the newest most, of pairs(a → b) / (pairs of a × viewers of b) ** `damping`."""

    name: ClassVar[str] = "sequence"
    arrays: ClassVar[tuple[str, ...]] = ("weights",)
    personal: ClassVar[tuple[str, ...]] = ("recent",)

    def __init__(self, *, reach: int = 10, last: int = 20, fade: float = 0.9, damping: float = 0.5) -> None:
        self.reach, self.last, self.fade, self.damping = reach, last, fade, damping
        self._tiles = Prepared(tiled)

    def learn(self, data: Dataset) -> None:
        self.recent = recent(data, self.last, self.fade)
        pairs = following(data, self.reach)
        row = np.asarray(pairs.sum(axis=1)).ravel() + 1.0
        column = np.bincount(data.item, minlength=data.shape[1]) + 20.0
        scaled = pairs.tocoo()
        scaled.data = (scaled.data / (row[scaled.row] * column[scaled.col]) ** self.damping).astype(np.float32)
        self.weights = scaled.toarray()

    def scores(self, rows: NDArray[np.int64]) -> Scores:
        return product(self.recent[rows], self._tiles.of(self.weights))

    def fold(self, past: Past) -> Scores:
        return product(past.faded, self._tiles.of(self.weights))


def by_viewer(data: Dataset) -> NDArray[np.int64]:
    """Places of the interactions, viewer after viewer, each in order of time."""
    return np.lexsort((data.item, data.time, data.user))


def recent(data: Dataset, last: int, fade: float) -> csr_array:
    """Viewers × titles: fade ** 0 for the latest title of a viewer, fade ** 1 for the one before, … `last` of them."""
    order = by_viewer(data)
    user = data.user[order]
    ends = np.cumsum(np.bincount(user, minlength=data.shape[0]))
    age = ends[user] - 1 - np.arange(len(user))
    kept = age < last
    values = (fade ** age[kept]).astype(np.float32)
    return csr_array((values, (user[kept], data.item[order][kept])), shape=data.shape)


def following(data: Dataset, reach: int) -> csr_array:
    """Titles × titles: Σ 1 / distance over all pairs in order within one sitting, at most `reach` places apart.
    Events of one moment have no order: they count half each way."""
    order = by_viewer(data)
    user, item, time = data.user[order], data.item[order], data.time[order]
    rows, columns, values = [], [], []
    for distance in range(1, min(reach, len(user) - 1) + 1):
        gap = time[distance:] - time[:-distance]
        together = (user[distance:] == user[:-distance]) & (gap <= SITTING_MS)
        first, second, tied = item[:-distance][together], item[distance:][together], gap[together] == 0
        rows += [first, second[tied]]
        columns += [second, first[tied]]
        values += [np.where(tied, 0.5, 1.0) / distance, np.full(int(tied.sum()), 0.5 / distance)]
    if not rows:
        return csr_array((data.shape[1], data.shape[1]), dtype=np.float32)
    places = (np.concatenate(rows), np.concatenate(columns))
    return csr_array((np.concatenate(values).astype(np.float32), places), shape=(data.shape[1],) * 2)
