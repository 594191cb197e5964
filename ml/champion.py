"""The champion: candidates of several models, ordered by a ranker that learned on past windows what was watched next.

Viewers with a history and newcomers have a stage each; a ranker of newcomers was no better than their blend. All of it
is deterministic: the same data, parameters and seed give the same recommendations to the bit.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from marquee.contracts.errors import InvalidInput
from marquee.logs import log
from ml import champion_stages
from ml.candidate_stage import Frame, Stage
from ml.dataset import Dataset
from ml.diversity import SAMPLE, ordered, prices
from ml.models.base import Columns, spread
from ml.ranker import Ranker, labels
from ml.split import moment

OnProgress = Callable[[str, int, dict[str, float]], None]
# Kept after backtests on MovieLens 1M's first 80 % and 90 % (`make bench-rec`, ml/tune.py).
KEPT: dict[str, Any] = {
    "lightfm": {"components": 32, "rate": 0.05, "penalty": 1e-5, "epochs": 4},
    "seeds": 2,
    "ease": {"penalty": 16_000.0},
    "neighbours": {"k": 500},
    "largest_catalogue": 12_000,  # titles up to which dense title × title models are fitted
    "windows": [0.5, 0.7, 0.8, 0.9],  # where past windows begin, as a share of the interactions
    "window_viewers": 4_000,  # of each window, by lot
    "candidates": 150,
    "least_interactions": 2_000,  # below, the blend alone
    "rounds": 120,
    "ranker": {
        "learning_rate": 0.05,
        "num_leaves": 7,
        "min_data_in_leaf": 100,
        "lambdarank_truncation_level": 20,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
    },
}


class Champion:
    """`params` override those of KEPT, by name."""

    name = "champion"

    def __init__(self, params: dict[str, Any] | None = None, *, seed: int = 0) -> None:
        unknown = set(params or {}) - set(KEPT)
        if unknown:
            raise InvalidInput(
                "unknown parameters", where="champion", expected=", ".join(KEPT), got=", ".join(sorted(unknown))
            )
        self.params: dict[str, Any] = copy.deepcopy(KEPT) | copy.deepcopy(params or {})
        self.seed = seed

    def fit(self, data: Dataset, *, on_epoch: OnProgress | None = None) -> Self:
        """Learn from all of the data: the ranker from windows inside it, the models from everything. `on_epoch` is
        told (model, epoch or round, metrics)."""
        import scipy.linalg  # noqa: F401 - the limit holds for libraries that are loaded: scipy has a BLAS of its own

        with threadpool_limits(1):
            ranker = self._ranker(data, on_epoch)
            self._assemble(champion_stages.build(data, self.params, self.seed, on_epoch), ranker, data)
        return self

    def _assemble(self, built: dict[str, Stage], ranker: Ranker, data: Dataset) -> None:
        self.stages, self.ranker = built, ranker
        liked = data.liked()
        self.known = np.bincount(liked.user, minlength=data.shape[0]) > 0
        sample = np.sort(self._latest(liked))
        frame = built[champion_stages.VIEWERS].frame(sample, self.params["candidates"])
        self.prices = prices(frame.columns, self._order(champion_stages.VIEWERS, frame), data.shape[1])

    def _latest(self, data: Dataset) -> NDArray[np.int64]:
        """The viewers who were there last: they are the likeliest to come again."""
        last = np.zeros(data.shape[0], np.int64)
        np.maximum.at(last, data.user, data.time)
        return np.argsort(-last, kind="stable")[: min(SAMPLE, int(self.known.sum()))]

    def _ranker(self, data: Dataset, on_progress: OnProgress | None) -> Ranker:
        """Taught by windows that begin at several moments and reach to the data's end."""
        frames, targets = [], []
        starts = self.params["windows"] if len(data) >= self.params["least_interactions"] else []
        for at in sorted({moment(data, share) for share in starts}):
            past, window = data.before(at), data.select(data.time >= at).liked()
            rows = self._lot(past, window)
            if not len(rows):
                continue
            frame = champion_stages.viewers(past, self.params, self.seed).frame(rows, self.params["candidates"])
            frames.append(frame)
            targets.append(labels(window, rows, frame))
            log.info("window", at=at, past=len(past), viewers=len(rows))
        ranker = Ranker(self.params["ranker"], rounds=self.params["rounds"], seed=self.seed)
        return ranker.fit(
            frames, targets, (lambda step, metrics: on_progress("ranker", step, metrics)) if on_progress else None
        )

    def _lot(self, past: Dataset, window: Dataset) -> NDArray[np.int64]:
        """The window's viewers who have a history, as many as `window_viewers` at most."""
        known = np.intersect1d(past.user, window.user).astype(np.int64)
        most = self.params["window_viewers"]
        if len(known) <= most:
            return known
        return np.sort(np.random.default_rng(self.seed).choice(known, most, replace=False))

    def recommend(
        self, rows: NDArray[np.int64] | None, n: int, *, exclude_seen: bool = True, diversity: float = 0.0
    ) -> Columns:
        """(rows, n) columns, best first; -1 where there is nothing left to show. All rows when None.

        `diversity` (0 to 1) gives places to titles that are seldom shown, where the viewer misses least by it:
        ml.diversity; at 0.1 about a fiftieth of nDCG goes for a quarter more titles.
        """
        rows = np.arange(len(self.known)) if rows is None else np.asarray(rows, np.int64)
        out = np.full((len(rows), n), -1, np.int32)

        def fill(start: int, block: NDArray[np.int64]) -> None:
            for name, mine in (
                (champion_stages.VIEWERS, self.known[block]),
                (champion_stages.NEWCOMERS, ~self.known[block]),
            ):
                if mine.any():
                    found = self._ordered(name, block[mine], n, exclude_seen, diversity)
                    out[start + np.flatnonzero(mine), : found.shape[1]] = found

        spread(fill, rows, self.stages[champion_stages.VIEWERS].block)
        return out

    def _ordered(self, name: str, rows: NDArray[np.int64], n: int, exclude_seen: bool, diversity: float) -> Columns:
        frames = self.stages[name].frames(rows, max(n, self.params["candidates"]), exclude_seen)
        lists = [ordered(frame.columns, self._order(name, frame), self.prices, diversity)[:, :n] for frame in frames]
        return np.concatenate(lists)

    def _order(self, name: str, frame: Frame) -> NDArray[np.float32]:
        return self.ranker.order(frame) if name == champion_stages.VIEWERS else frame.blend

    def fold_in(
        self, histories: Sequence[Sequence[int]], viewers: NDArray[np.float32] | None = None, n: int = 10
    ) -> Columns:
        """(histories, n) columns for viewers who were not there, without refitting: each history holds columns in the
        order watched, e.g. onboarding picks. `viewers` are 0/1 features, (histories, features), for empty histories."""
        return champion_stages.fold_in(self.stages, histories, viewers, n)

    def similar(self, n: int) -> Columns:
        """(titles, n) columns of the titles most like each, best first; -1 where there is none."""
        return champion_stages.similar(self.stages[champion_stages.VIEWERS], n)
