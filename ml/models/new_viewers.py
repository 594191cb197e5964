"""Model for viewers without a history: what new viewers watch first, and similar people."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ml.dataset import DAY_MS, Dataset
from ml.evaluate import evaluate, paired
from ml.features import likeness
from ml.kernels.products import product
from ml.models.base import Model, Past, Scores
from ml.split import moment, temporal

MEMORIES = (120.0, 30.0, 7.0)  # days; a shorter one is taken where it is clearly better
CLEARLY = 0.05  # by this share at least, or what is a fashion of one window would be taken for a law
LEAST, MOST = 100, 1000  # interactions needed to choose, newcomers to choose by


class Newcomers(Model):
    """log of how many of the newcomers of the last `days` watched a title in their first day, plus how much more
    (log lift) people with each of the viewer's features watch it than others do. Without `days`, the memory is the one
    that foretells the newcomers of the data's last fifth best: some catalogues turn over in a week, others in years."""

    name: ClassVar[str] = "newcomers"
    arrays: ClassVar[tuple[str, ...]] = ("count", "lift")
    personal: ClassVar[tuple[str, ...]] = ("people",)

    def __init__(self, days: float | None = None, *, weight: float = 0.5) -> None:
        self.days, self.weight = days, weight

    def learn(self, data: Dataset) -> None:
        self.count = np.log(first_day(data, self.days or self._memory(data)) + 1).astype(np.float32)
        self.people, self.lift = likeness(data)

    def _memory(self, data: Dataset) -> float:
        if len(data) < LEAST or data.time[0] == data.time[-1]:
            return MEMORIES[0]
        past, future = temporal(data, at=max(moment(data, 0.8), int(data.time[0]) + 1))
        new = np.setdiff1d(future.user, past.user).astype(np.int64)
        new = new[:: len(new) // MOST + 1]
        if not len(new):
            return MEMORIES[0]
        models = {days: Newcomers(days, weight=self.weight).fit(past) for days in MEMORIES}
        worth = {days: evaluate(model.recommend, past, future, rows=new) for days, model in models.items()}
        chosen = MEMORIES[0]
        for days in MEMORIES[1:]:
            if paired(worth[days], worth[chosen]).low > CLEARLY * worth[chosen].mean().value:
                chosen = days
        return chosen

    def scores(self, rows: NDArray[np.int64]) -> Scores:
        return self.of(self.people[rows])

    def of(self, people: NDArray[np.float32]) -> Scores:
        """Scores for viewers by their features, (viewers, features)."""
        return product(people, self.weight * self.lift.T, self.count)

    def fold(self, past: Past) -> Scores:
        return self.of(np.zeros((past.plain.shape[0], self.lift.shape[1]), np.float32))


def first_day(data: Dataset, days: float) -> NDArray[np.float64]:
    """Viewers per title (titles,) within a viewer's first day: those of the last `days` count 1, earlier ones ever
    less, by half every `days`."""
    if not len(data):
        return np.zeros(data.shape[1])
    first = np.full(data.shape[0], data.time[-1])
    np.minimum.at(first, data.user, data.time)
    began = first[data.user]
    early = data.time <= began + DAY_MS
    age = np.maximum((data.time[-1] - began[early]) / DAY_MS - days, 0)
    return np.bincount(data.item[early], weights=0.5 ** (age / days), minlength=data.shape[1])
