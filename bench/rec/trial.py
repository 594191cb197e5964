"""One trial: all models fitted to the same past and evaluated on the same viewers."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bench.rec import files
from ml.dataset import Dataset, from_frames
from ml.evaluate import Evaluation, Recommend, evaluate

SPEED_ROWS = 4096


@dataclass(frozen=True)
class Result:
    """What a model reached with the viewers who have a history, and what it cost."""

    name: str
    model: Any
    evaluation: Evaluation
    fit_s: float
    viewers_s: float  # top 100, BLAS on one thread


@dataclass(frozen=True)
class Trial:
    """What is learned from and what is to be foretold."""

    train: Dataset
    test: Dataset

    @property
    def warm(self) -> NDArray[np.int64]:
        """Viewers of the test with a history."""
        return self._of(history=True)

    @property
    def cold(self) -> NDArray[np.int64]:
        return self._of(history=False)

    def _of(self, *, history: bool) -> NDArray[np.int64]:
        before, after = (np.bincount(part.user, minlength=part.shape[0]) > 0 for part in (self.train, self.test))
        return np.flatnonzero(after & (before == history))

    def judge(self, recommend: Recommend, rows: NDArray[np.int64]) -> Evaluation:
        return evaluate(recommend, self.train, self.test, rows=rows)

    def run(self, name: str, make: Callable[[], Any]) -> Result:
        """Fit, time and judge a model; a line of what came of it is printed."""
        started = time.perf_counter()
        model = make().fit(self.train)
        fit_s = time.perf_counter() - started
        found = Result(name, model, self.judge(model.recommend, self.warm), fit_s, speed(model.recommend, self.warm))
        print(f"{name}: nDCG@10 {found.evaluation.mean()}, fit {fit_s:.1f} s", flush=True)
        return found


def read(train: str, test: str, items: str | None, viewers: str | None) -> Trial:
    """The trial of two files; a pair of both counts as train. A test without times is taken to come after."""
    past = files.interactions(train)
    future = files.interactions(test, after_ms=int(past["time"].max()) + 1)
    known = pd.MultiIndex.from_frame(past[["user", "item"]])
    new = ~pd.MultiIndex.from_frame(future[["user", "item"]]).isin(known)
    joined = pd.concat([past.assign(test=False), future[new].assign(test=True)])
    data = from_frames(joined, files.items(items), files.viewers(viewers))
    marked = pd.MultiIndex.from_arrays([data.users[data.user], data.items[data.item]]).isin(known)
    return Trial(data.select(marked), data.select(~marked))


def fit_ratio(data: Dataset, one: Callable[[], Any], other: Callable[[], Any], *, repeat: int = 3) -> float:
    """How many times as long one model takes to fit as another: medians of runs in turn, after one that is not
    counted, in which libraries are loaded."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeat + 1):
        for make, times in zip((one, other), took, strict=True):
            started = time.perf_counter()
            make().fit(data)
            times.append(time.perf_counter() - started)
    return median(took[0][1:]) / median(took[1][1:])


def speed(recommend: Recommend, rows: NDArray[np.int64], *, threads: int = 1) -> float:
    """Viewers per second, top 100: the median of three runs."""
    many = np.resize(rows, SPEED_ROWS)
    took = []
    with threadpool_limits(threads, "blas"):
        for _ in range(3):
            started = time.perf_counter()
            recommend(many, 100)
            took.append(time.perf_counter() - started)
    return SPEED_ROWS / median(took)
