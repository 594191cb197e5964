"""Popularity: of all time, of late, and among similar people. Any model must beat it."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ml.dataset import DAY_MS, Dataset
from ml.models.base import Model, Past, Scores


def counts(data: Dataset, days: float | None = None) -> NDArray[np.float32]:
    """Viewers of each title, (titles,); with `days`, in the last so many days of the data."""
    if days is None or not len(data):
        return np.bincount(data.item, minlength=data.shape[1]).astype(np.float32)
    recent = data.item[data.time >= data.time[-1] - days * DAY_MS]
    return np.bincount(recent, minlength=data.shape[1]).astype(np.float32)


class Popularity(Model):
    """Titles by the number of their viewers; with `days`, of the last so many days, all time breaking ties."""

    name: ClassVar[str] = "popularity"
    arrays: ClassVar[tuple[str, ...]] = ("count",)
    alike: ClassVar[bool] = True

    def __init__(self, days: float | None = None) -> None:
        self.days = days

    def learn(self, data: Dataset) -> None:
        total = counts(data)
        self.count = counts(data, self.days) + (total / (total.max() + 1) if self.days and len(data) else 0)

    def scores(self, rows: NDArray[np.int64]) -> Scores:
        return np.repeat(self.count[None].astype(np.float32), len(rows), axis=0)

    def fold(self, past: Past) -> Scores:
        return self.scores(np.zeros(past.plain.shape[0], np.int64))
