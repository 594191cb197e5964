"""Evaluates recommendations per viewer: means, intervals, cohorts, paired comparisons.

Binary relevance. The ideal of nDCG is over min(k, relevant); recall and MAP divide by all relevant titles, unreachable
ones included. Intervals are percentile bootstraps over viewers, seeded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ml.dataset import Dataset

Recommend = Callable[[NDArray[np.int64], int], NDArray[np.int32]]
Floats = NDArray[np.float64]
METRICS = ("ndcg", "recall", "precision", "map")
DRAWS = 2000
CELLS = 2_000_000  # of resamples held at a time


@dataclass(frozen=True)
class Mean:
    """A mean over viewers with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} ({self.low:.4f} to {self.high:.4f})"


@dataclass(frozen=True)
class Evaluation:
    """What a model reached. Arrays hold a value per viewer of `rows`."""

    k: int
    rows: NDArray[np.int64]
    per_viewer: dict[str, Floats]
    coverage: float  # share of the titles that may be shown which were recommended to anybody
    novelty: float  # mean of -log2 of the share of viewers who had watched what is recommended
    popularity_bias: float  # mean viewers of what is recommended / mean viewers of what was watched
    cohorts: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    def mean(self, metric: str = "ndcg", cohort: str | None = None) -> Mean:
        values = self.per_viewer[metric]
        return bootstrap(values if cohort is None else values[self.cohorts[cohort]])

    def summary(self) -> dict[str, float]:
        """All figures by name, e.g. for MLflow: `ndcg`, `ndcg_low`, `ndcg_high`, …, `ndcg_<cohort>`, `coverage`, …"""
        found = {"viewers": float(len(self.rows)), "coverage": self.coverage, "novelty": self.novelty}
        found["popularity_bias"] = self.popularity_bias
        for metric in METRICS:
            mean = self.mean(metric)
            found |= {metric: mean.value, f"{metric}_low": mean.low, f"{metric}_high": mean.high}
        for name, mask in self.cohorts.items():
            if mask.any():
                found[f"ndcg_{name}"] = float(self.per_viewer["ndcg"][mask].mean())
        return found


def evaluate(
    recommend: Recommend,
    train: Dataset,
    test: Dataset,
    *,
    k: int = 10,
    cohorts: Mapping[str, NDArray[np.bool_]] | None = None,
    rows: NDArray[np.int64] | None = None,
) -> Evaluation:
    """Ask for `k` titles for each viewer of the test (or of `rows`) and compare. `cohorts` are masks over all rows of
    the dataset; those of `standard_cohorts` by default. Viewers who watched nothing in the test are left out."""
    relevant = test.matrix()
    asked = np.flatnonzero(np.diff(relevant.indptr)) if rows is None else np.asarray(rows)
    asked = asked[np.diff(relevant.indptr)[asked] > 0]
    found = np.asarray(recommend(asked, k))[:, :k]
    masks = standard_cohorts(train) if cohorts is None else cohorts
    watched = np.bincount(train.item, minlength=train.shape[1])
    chosen = found[found >= 0]
    usual = watched[test.item].mean() if len(test) else 0.0
    return Evaluation(
        k,
        asked,
        score(found, relevant[asked].toarray() if len(asked) else np.zeros((0, train.shape[1])), k),
        coverage=len(np.unique(chosen)) / max(int(train.shown().sum()), 1),
        novelty=float(-np.log2((watched[chosen] + 1) / (train.shape[0] + 1)).mean()) if len(chosen) else 0.0,
        popularity_bias=float(watched[chosen].mean() / usual) if len(chosen) and usual else 0.0,
        cohorts={name: mask[asked] for name, mask in masks.items()},
    )


def score(found: NDArray[np.int32], relevant: NDArray[np.float32], k: int) -> dict[str, Floats]:
    """The metrics of `METRICS`, a value per row. `found` holds columns, -1 for none; `relevant` is (rows, titles)."""
    hits = np.zeros((len(found), k))
    real = found >= 0
    hits[:, : found.shape[1]] = np.take_along_axis(relevant, np.where(real, found, 0), axis=1) * real
    totals = np.maximum(relevant.sum(axis=1), 1.0)
    gains = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(gains)[np.minimum(totals, k).astype(int) - 1]
    running = np.cumsum(hits, axis=1) / np.arange(1, k + 1)
    return {
        "ndcg": hits @ gains / ideal,
        "recall": hits.sum(axis=1) / totals,
        "precision": hits.sum(axis=1) / k,
        "map": (running * hits).sum(axis=1) / totals,
    }


def standard_cohorts(train: Dataset) -> dict[str, NDArray[np.bool_]]:
    """new: nothing or fewer than 5 titles watched; heavy: the busiest tenth; kids: profiles marked so."""
    counts = np.bincount(train.user, minlength=train.shape[0])
    active = counts[counts > 0]
    heavy = np.quantile(active, 0.9) if len(active) else np.inf
    found = {"new": counts < 5, "heavy": counts >= heavy}
    if train.user_features is not None and "kids=True" in train.user_feature_names:
        column = train.user_feature_names.index("kids=True")
        found["kids"] = train.user_features[:, [column]].toarray().ravel() > 0
    return found


def bootstrap(values: Floats, *, seed: int = 0) -> Mean:
    """The mean and its 95 % interval."""
    size = len(values)
    if not size:
        return Mean(float("nan"), float("nan"), float("nan"))
    step = min(DRAWS, max(1, CELLS // size))
    draws = np.concatenate([values[_drawn(size, seed, start, step)].mean(axis=1) for start in range(0, DRAWS, step)])
    low, high = np.quantile(draws[:DRAWS], (0.025, 0.975))
    return Mean(float(values.mean()), float(low), float(high))


@lru_cache(maxsize=2)
def _drawn(size: int, seed: int, start: int, count: int) -> NDArray[np.int32]:
    """(count, size) which of `size` viewers is drawn where in each of `count` resamples; kept, since all metrics of all
    models are asked about the same viewers."""
    return np.random.default_rng((seed, start)).integers(0, size, (count, size), dtype=np.int32)


def paired(first: Evaluation, second: Evaluation, metric: str = "ndcg", *, seed: int = 0) -> Mean:
    """first - second over the same viewers: the mean difference with its interval. Above 0 it is better beyond doubt
    when `low` is above 0."""
    if not np.array_equal(first.rows, second.rows):
        raise ValueError("two evaluations are compared over the same viewers only")
    return bootstrap(first.per_viewer[metric] - second.per_viewer[metric], seed=seed)
