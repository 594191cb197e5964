"""The champion: candidates of several models, ordered by a ranker that learned on past windows what was watched next.

Viewers with a history and newcomers have a stage each. All of it is deterministic: the same data, parameters and seed
give the same recommendations to the bit. Figures and how they were found: docs/recommender.md.
"""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from marquee.contracts.errors import InvalidInput
from marquee.logs import log
from ml import stages
from ml.dataset import Dataset
from ml.models.base import Columns, blocks
from ml.ranker import Ranker, labels
from ml.split import moment
from ml.stage import Frame, Stage

Tell = Callable[[str, int, dict[str, float]], None]
ROWS = 1024  # whose candidates are ordered at a time
# Kept after backtests on MovieLens 1M's first 80 % and 90 % (`make bench-rec`, ml/tune.py).
KEPT: dict[str, Any] = {
    "lightfm": {"components": 32, "rate": 0.05, "penalty": 1e-5, "epochs": 4},
    "seeds": 2,
    "ease": {"penalty": 16_000.0},
    "neighbours": {"k": 500},
    "largest_catalogue": 12_000,  # titles up to which dense title × title models are fitted
    "windows": [0.4, 0.6, 0.7, 0.8, 0.9],  # where past windows begin, as a share of the interactions
    "window_viewers": 1_000,  # of each window, by lot
    "candidates": 150,
    "least_interactions": 2_000,  # below, the blend alone
    "rounds": 80,
    "ranker": {
        "learning_rate": 0.05,
        "num_leaves": 15,
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

    def fit(self, data: Dataset, *, on_epoch: Tell | None = None) -> Self:
        """Learn from all of the data: the rankers from windows inside it, the models from everything. `on_epoch` is
        told (model, epoch or round, metrics)."""
        with threadpool_limits(1):
            rankers = self._rankers(data, on_epoch)
            self._assemble(stages.build(data, self.params, self.seed, on_epoch), rankers, data)
        return self

    def _assemble(self, built: dict[str, Stage], rankers: dict[str, Ranker], data: Dataset) -> None:
        self.stages, self.rankers = built, rankers
        count = np.bincount(data.user, minlength=data.shape[0])
        self.known = count > 0
        self.exposure = np.log1p(np.bincount(data.item, minlength=data.shape[1])).astype(np.float32)

    def _rankers(self, data: Dataset, tell: Tell | None) -> dict[str, Ranker]:
        """A ranker for each stage, from windows that begin at several moments and reach to the data's end."""
        frames: dict[str, list[tuple[Frame, NDArray[np.float32]]]] = {name: [] for name in stages.NAMES}
        starts = self.params["windows"] if len(data) >= self.params["least_interactions"] else []
        for at in sorted({moment(data, share) for share in starts}):
            past, window = data.before(at), data.select(data.time >= at)
            if not len(past) or not len(window):
                continue
            built = stages.build(past, self.params, self.seed)
            for name, rows in self._lots(past, window).items():
                frame = built[name].frame(rows, self.params["candidates"])
                frames[name].append((frame, labels(window, rows, frame)))
            log.info("window", at=at, past=len(past), **{name: len(found[-1][1]) for name, found in frames.items()})
        return {name: self._ranker(name, found, tell) for name, found in frames.items()}

    def _lots(self, past: Dataset, window: Dataset) -> dict[str, NDArray[np.int64]]:
        """The window's viewers by stage, as many as `window_viewers` at most."""
        known = np.bincount(past.user, minlength=past.shape[0]) > 0
        active = np.unique(window.user).astype(np.int64)
        random = np.random.default_rng(self.seed)
        found = {stages.VIEWERS: active[known[active]], stages.NEWCOMERS: active[~known[active]]}
        most = self.params["window_viewers"]
        return {
            name: rows if len(rows) <= most else np.sort(random.choice(rows, most, replace=False))
            for name, rows in found.items()
        }

    def _ranker(self, name: str, found: list[tuple[Frame, NDArray[np.float32]]], tell: Tell | None) -> Ranker:
        ranker = Ranker(self.params["ranker"], rounds=self.params["rounds"], seed=self.seed)
        told = (lambda step, metrics: tell(f"ranker_{name}", step, metrics)) if tell else None
        return ranker.fit([frame for frame, _ in found], [label for _, label in found], told)

    def recommend(
        self, rows: NDArray[np.int64] | None, n: int, *, exclude_seen: bool = True, diversity: float = 0.0
    ) -> Columns:
        """(rows, n) columns, best first; -1 where there is nothing left to show. All rows when None.

        `diversity` (0 to 1) is the share of places that go to titles which few have watched, the best first that are
        among the viewer's candidates: the last ones of every ten places.
        """
        rows = np.arange(len(self.known)) if rows is None else np.asarray(rows, np.int64)
        out = np.full((len(rows), n), -1, np.int32)
        with threadpool_limits(1, "blas"):
            for start, block in blocks(rows, ROWS):
                for name, mine in ((stages.VIEWERS, self.known[block]), (stages.NEWCOMERS, ~self.known[block])):
                    if mine.any():
                        found = self._ordered(name, block[mine], n, exclude_seen, diversity)
                        out[start + np.flatnonzero(mine), : found.shape[1]] = found
        return out

    def _ordered(self, name: str, rows: NDArray[np.int64], n: int, exclude_seen: bool, diversity: float) -> Columns:
        frame = self.stages[name].frame(rows, max(n, self.params["candidates"]), exclude_seen=exclude_seen)
        return arrange(frame.columns, self.rankers[name].order(frame), self.exposure, n, diversity)

    def fold_in(
        self, histories: Sequence[Sequence[int]], viewers: NDArray[np.float32] | None = None, n: int = 10
    ) -> Columns:
        """(histories, n) columns for viewers who were not there, without refitting: each history holds columns in the
        order watched, e.g. onboarding picks. `viewers` are 0/1 features, (histories, features), for empty histories."""
        return stages.fold_in(self.stages, histories, viewers, n)

    def similar(self, n: int) -> Columns:
        """(titles, n) columns of the titles most like each, best first; -1 where there is none."""
        return stages.similar(self.stages[stages.VIEWERS], n)

    def save(self, folder: Path) -> None:
        """Write npz, JSON and text into a folder. Rows of viewers are in it, no ids of theirs."""
        from ml import saved

        saved.save(self, folder)

    @classmethod
    def load(cls, folder: Path) -> "Champion":
        """The champion that was saved there; it recommends the same. Raises NotFound."""
        from ml import saved

        return saved.load(folder)


def arrange(
    columns: Columns, scores: NDArray[np.float32], exposure: NDArray[np.float32], n: int, diversity: float
) -> Columns:
    """(rows, ≤ n) candidates by descending score; with `diversity`, the last places of every ten by a score from which
    the title's exposure is taken off."""
    order = np.argsort(-scores, axis=1, kind="stable")
    ranked = np.take_along_axis(columns, order, axis=1)
    rare = round(10 * diversity)
    if not rare or not len(columns):
        return ranked[:, :n]
    return np.array([_mixed(row, exposure, n, rare) for row in ranked], np.int32)


def _mixed(ranked: NDArray[np.int32], exposure: NDArray[np.float32], n: int, rare: int) -> list[int]:
    """Ten places at a time: the best by rank, then the best by rank and rarity."""
    real = ranked[ranked >= 0]
    hidden = np.log1p(np.arange(len(real))) + RARITY * exposure[real]
    by_rarity = real[np.argsort(hidden, kind="stable")].tolist()
    by_rank, taken, out = real.tolist(), set[int](), list[int]()
    while len(out) < min(n, len(real)):
        source = by_rank if len(out) % 10 < 10 - rare else by_rarity
        choice = next(column for column in source if column not in taken)
        taken.add(choice)
        out.append(choice)
    return out + [-1] * (min(n, len(ranked)) - len(out))


RARITY = 1.0  # how many units of log rank a unit of log exposure is worth
