"""Linear model of the viewer's latest titles, weighted by recency."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ml.dataset import Dataset
from ml.models.base import Model, Past, Scores
from ml.models.ease import Ease
from ml.models.sequence import recent


class Lately(Model):
    """EASE's weights over the viewer's last titles, each counting `fade` times the one after it."""

    name: ClassVar[str] = "lately"
    arrays: ClassVar[tuple[str, ...]] = ()
    personal: ClassVar[tuple[str, ...]] = ("recent",)

    def __init__(self, ease: Ease, *, last: int = 30, fade: float = 0.93) -> None:
        self.ease, self.last, self.fade = ease, last, fade

    def learn(self, data: Dataset) -> None:
        self.recent = recent(data, self.last, self.fade)

    def scores(self, rows: NDArray[np.int64]) -> Scores:
        return self.ease.product(self.recent[rows])

    def fold(self, past: Past) -> Scores:
        return self.ease.product(past.faded)
