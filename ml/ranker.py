"""The ranker: LambdaRank over candidates, taught by what viewers of past windows watched next."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.candidate_stage import Frame, Rows
from ml.dataset import Dataset
from ml.kernels.forests import Forest, compiled

Report = Callable[[int, dict[str, float]], None]
LEAST_VIEWERS = 100  # of all windows together; with fewer the blend alone is surer
FIXED = {
    "objective": "lambdarank",
    "metric": "ndcg",
    "eval_at": [10],
    # The same data gives the same trees: one thread, one order of summing.
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


class Ranker:
    """Boosted trees that order candidates. Without a model (`trees` None) the blend's order stays."""

    def __init__(self, params: dict[str, Any] | None = None, *, rounds: int = 100, seed: int = 0) -> None:
        self.params, self.rounds, self.seed = dict(params or {}), rounds, seed
        self.trees: Any = None
        self._forest: Forest | None = None

    def fit(
        self, frames: Sequence[Frame], labels: Sequence[NDArray[np.float32]], on_round: Report | None = None
    ) -> "Ranker":
        """Learn from windows: each a frame and, alike in shape to its columns, 1 where the title was watched next."""
        import lightgbm

        useful = [(frame, label, label.any(axis=1)) for frame, label in zip(frames, labels, strict=True)]
        groups = [frame.columns.shape[1] for frame, _, kept in useful for _ in range(int(kept.sum()))]
        if len(groups) < LEAST_VIEWERS:
            return self
        features = np.concatenate(
            [frame.features[:, kept].reshape(len(frame.features), -1).T for frame, _, kept in useful]
        )
        target = np.concatenate([label[kept].ravel() for _, label, kept in useful])
        train = lightgbm.Dataset(features, target, group=groups, params=FIXED, free_raw_data=True)
        seen = [train] if on_round else []
        told = [_reporter(on_round)] if on_round else []
        params = {**FIXED, **self.params, "seed": self.seed}
        self.trees = lightgbm.train(params, train, self.rounds, valid_sets=seen, callbacks=told)
        return self

    def order(self, frame: Frame) -> NDArray[np.float32]:
        """A score for each candidate, (viewers, n); -inf where there is none."""
        if self.trees is None or not len(frame.columns):
            return frame.blend
        if self._forest is None:
            self._forest = compiled(self.trees)
        features = frame.features.reshape(len(frame.features), -1)
        found = self._forest.scores(features).reshape(frame.columns.shape)
        return np.where(frame.columns >= 0, found, -np.inf).astype(np.float32)


def labels(test: Dataset, rows: Rows, frame: Frame) -> NDArray[np.float32]:
    """1 where a candidate is among what the viewer of the row watched in the test."""
    relevant = test.matrix()[rows].toarray()
    return np.take_along_axis(relevant, np.maximum(frame.columns, 0), axis=1) * (frame.columns >= 0)


def _reporter(report: Report) -> Callable[[Any], None]:
    def on_progress(state: Any) -> None:
        report(state.iteration, {name: value for _, name, value, *_ in state.evaluation_result_list})

    return on_progress
