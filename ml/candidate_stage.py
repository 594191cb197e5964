"""A stage of the champion: several models, the candidates that they agree on, and the features of each candidate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ml.features import Facts, Floats
from ml.kernels.blends import Standard, blend
from ml.kernels.keys import ascending, ranked
from ml.models.base import Columns, Model, Scores, mask, spread, top

Rows = NDArray[np.int64]
CELLS, ROWS = 4_000_000, 1024
FEW = 64  # rows whose candidates are chosen and described at a time


@dataclass(frozen=True)
class Frame:
    """Candidates of viewers: columns (viewers, n), -1 for none, best of the blend first; their blend; features
    (features, viewers, n)."""

    columns: Columns
    blend: Scores
    features: Floats


class Stage:
    """Fitted models with the weights by which their standardised scores are blended."""

    def __init__(
        self,
        models: Mapping[str, Model],
        weights: Mapping[str, float],
        facts: Facts,
        withheld: csr_array,
        shown: NDArray[np.bool_],
    ) -> None:
        self.models, self.weights, self.facts = models, weights, facts
        self.withheld, self.shown = withheld, shown

    def names(self) -> tuple[str, ...]:
        """Of the features, in order."""
        own = [f"{kind}{name}" for name in self.models for kind in ("score_", "rank_")]
        return (*own, "rank_blend", *self.facts.title_names, *self.facts.viewer_names, "taste", "alike")

    @property
    def block(self) -> int:
        """Rows whose candidates are found at a time: the more, the longer a matrix of titles stays in the cache."""
        return max(1, min(ROWS, CELLS // max(1, len(self.shown))))

    def frame(self, rows: Rows, n: int, *, exclude_seen: bool = True) -> Frame:
        """The best `n` candidates of each row with their features."""
        parts = spread(lambda _, block: list(self.frames(block, n, exclude_seen)), rows, self.block)
        return joined([frame for part in parts for frame in part], n)

    def frames(self, rows: Rows, n: int, exclude_seen: bool = True) -> Iterator[Frame]:
        """The same for the rows of a block, a few at a time: what is made of their scores then stays in the cache."""
        scores = {name: model.scores(rows[:1] if model.alike else rows) for name, model in self.models.items()}
        for first in range(0, len(rows), FEW):
            few = slice(first, first + FEW)
            parts = {name: each if self.models[name].alike else each[few] for name, each in scores.items()}
            yield self._frame(rows[few], parts, n, exclude_seen)

    def _frame(self, rows: Rows, scores: Mapping[str, Scores], n: int, exclude_seen: bool) -> Frame:
        hidden = self.withheld[rows] if exclude_seen else None
        parts, blended = blend(scores, self.weights, len(rows))
        columns, best_blend = best(blended, n, self.shown, hidden)
        return Frame(columns, best_blend, self._features(rows, np.maximum(columns, 0), parts))

    def _features(self, rows: Rows, columns: Columns, scores: Mapping[str, Standard]) -> Floats:
        """(features, rows, n) of the candidates, in the order of `names`."""
        out = np.empty((len(self.names()), *columns.shape), np.float32)
        ranks = np.log1p(np.arange(columns.shape[1]), dtype=np.float32)
        for place, part in enumerate(scores.values()):
            out[2 * place] = part.at(columns)
            out[2 * place + 1] = ranked(ascending(out[2 * place]), ranks)  # equal scores rank by place
        at = 2 * len(scores)
        out[at] = ranks
        title, viewer = self.facts.title.T, self.facts.viewer[rows].T
        np.take(title, columns, axis=1, out=out[at + 1 : at + 1 + len(title)], mode="clip")
        at += len(title)
        out[at + 1 : at + 1 + len(viewer)] = viewer[:, :, None]
        np.einsum("vf,vnf->vn", self.facts.taste[rows], self.facts.traits[columns], out=out[-2])
        np.einsum("vf,vnf->vn", self.facts.people[rows], self.facts.likeness[columns], out=out[-1])
        return out


def joined(frames: Sequence[Frame], n: int) -> Frame:
    """One frame after the other; an empty one of `n` candidates where there is none."""
    if not frames:
        return Frame(np.zeros((0, n), np.int32), np.zeros((0, n), np.float32), np.zeros((0, 0, n), np.float32))
    columns, blended = (np.concatenate([getattr(frame, kind) for frame in frames]) for kind in ("columns", "blend"))
    return Frame(columns, blended, np.concatenate([frame.features for frame in frames], axis=1))


def best(blended: Scores, n: int, shown: NDArray[np.bool_], hidden: csr_array | None) -> tuple[Columns, Scores]:
    """The `n` best columns of each row of blended scores, ties by column, and their scores; -inf where there is none.
    What may not be shown becomes -inf in `blended` too."""
    mask(blended, shown, hidden)
    columns = top(blended, n)
    return columns, np.where(
        columns >= 0, np.take_along_axis(blended, np.maximum(columns, 0), axis=1), np.float32(-np.inf)
    )
