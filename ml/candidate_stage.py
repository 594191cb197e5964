"""A stage of the champion: several models, the candidates that they agree on, and the features of each candidate."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ml.features import Facts, Floats
from ml.models.base import Columns, Model, Scores, mask, spread, standard, top

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Frame:
    """Candidates of viewers: columns (viewers, n), -1 for none, best of the blend first; their blend; features
    (viewers, n, features)."""

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

    def frame(self, rows: Rows, n: int, *, exclude_seen: bool = True) -> Frame:
        """The best `n` candidates of each row with their features."""
        parts = spread(lambda _, block: self._block(block, n, exclude_seen), rows)
        if not parts:
            return Frame(np.zeros((0, n), np.int32), np.zeros((0, n), np.float32), np.zeros((0, n, 0), np.float32))
        return Frame(*(np.concatenate(kind) for kind in zip(*parts, strict=True)))

    def _block(self, rows: Rows, n: int, exclude_seen: bool) -> tuple[Columns, Scores, Floats]:
        scores = {name: standard(model.scores(rows)) for name, model in self.models.items()}
        columns, blend = best(scores, self.weights, n, self.shown, self.withheld[rows] if exclude_seen else None)
        place = np.maximum(columns, 0)
        own = [found for values in scores.values() for found in _ranked(np.take_along_axis(values, place, axis=1))]
        ranks = np.broadcast_to(np.log1p(np.arange(columns.shape[1])), columns.shape)
        features = np.stack([*own, ranks, *_described(self.facts, rows, place)], axis=-1, dtype=np.float32)
        return columns, blend, features


def best(
    scores: Mapping[str, Scores], weights: Mapping[str, float], n: int, shown: NDArray[np.bool_], seen: csr_array | None
) -> tuple[Columns, Scores]:
    """The `n` best columns by the weighted sum of standardised scores, and that sum; -inf where there is none."""
    blend = np.sum([weight * scores[name] for name, weight in weights.items() if name in scores], axis=0)
    mask(blend, shown, seen)
    columns = top(blend, n)
    return columns, np.where(columns >= 0, np.take_along_axis(blend, np.maximum(columns, 0), axis=1), -np.inf)


def _ranked(values: Scores) -> tuple[Scores, Scores]:
    """The values and the logarithm of their ranks in each row; equal values rank by place."""
    order = np.argsort(-values, axis=1, kind="stable")
    ranks = np.empty_like(values)
    np.put_along_axis(ranks, order, np.broadcast_to(np.log1p(np.arange(values.shape[1])), values.shape), axis=1)
    return values, ranks


def _described(facts: Facts, rows: Rows, place: Columns) -> list[Floats]:
    titles = [facts.title[place, column] for column in range(facts.title.shape[1])]
    viewers = [
        np.broadcast_to(facts.viewer[rows, column][:, None], place.shape) for column in range(len(facts.viewer_names))
    ]
    taste = np.einsum("vf,vnf->vn", facts.taste[rows], facts.traits[place])
    alike = np.einsum("vf,vnf->vn", facts.people[rows], facts.likeness[place])
    return [*titles, *viewers, taste, alike]
