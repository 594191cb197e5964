"""The champion's two stages: viewers with a history, and new viewers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ml.candidate_stage import Stage, best
from ml.dataset import Dataset
from ml.features import facts
from ml.kernels.blends import blend
from ml.models.base import Columns, Model, Past, Scores, mask, top
from ml.models.ease import Ease
from ml.models.lightfm import LightFactors
from ml.models.neighbours import Neighbours
from ml.models.new_viewers import Newcomers
from ml.models.popularity import Popularity
from ml.models.recent_items import Lately
from ml.models.sequence import Sequence as Following

VIEWERS, NEWCOMERS = NAMES = ("viewers", "newcomers")
OnProgress = Callable[[str, int, dict[str, float]], None]
FADE = 0.9  # what a pick counts for the one after it
# By which standardised scores are added to choose candidates; the ranker orders them anew.
WEIGHTS = {
    VIEWERS: {
        "lightfm_0": 0.5,
        "lightfm_1": 0.5,
        "ease": 1.0,
        "month": 0.7,
        "following": 0.5,
        "neighbours": 0.5,
        "everyone": 1e-3,
    },
    NEWCOMERS: {"newcomers": 1.0, "everyone": 1e-3},
}


def build(data: Dataset, params: dict[str, Any], seed: int, on_progress: OnProgress | None = None) -> dict[str, Stage]:
    """Both stages, fitted to the data."""
    return _fitted(make(params, seed, data.shape[1], on_progress), data)


def viewers(data: Dataset, params: dict[str, Any], seed: int) -> Stage:
    """The stage for viewers with a history alone, fitted to the data."""
    return _fitted({VIEWERS: make(params, seed, data.shape[1])[VIEWERS]}, data)[VIEWERS]


def _fitted(made: dict[str, dict[str, Model]], data: Dataset) -> dict[str, Stage]:
    for model in {id(model): model for models in made.values() for model in models.values()}.values():
        model.fit(data)
    known, withheld, shown = facts(data.liked()), data.withheld(), data.shown()
    return {name: Stage(models, WEIGHTS[name], known, withheld, shown) for name, models in made.items()}


def make(
    params: dict[str, Any], seed: int, titles: int, on_progress: OnProgress | None = None
) -> dict[str, dict[str, Model]]:
    """The models of each stage, not yet fitted, in the order in which they are; some are in both."""
    shared: dict[str, Model] = {"everyone": Popularity(), "month": Popularity(30)}
    return {
        VIEWERS: {**_viewers(titles, params, seed, on_progress), **shared},
        NEWCOMERS: {"newcomers": Newcomers(), **shared},
    }


def _viewers(titles: int, params: dict[str, Any], seed: int, on_progress: OnProgress | None) -> dict[str, Model]:
    models: dict[str, Model] = {
        f"lightfm_{member}": LightFactors(
            **params["lightfm"], seed=seed + member, on_epoch=_reporter(on_progress, member)
        )
        for member in range(params["seeds"])
    }
    if titles > params["largest_catalogue"]:
        return models
    ease = Ease(**params["ease"])
    return {
        **models,
        "ease": ease,
        "lately": Lately(ease),
        "neighbours": Neighbours(**params["neighbours"]),
        "following": Following(),
    }


def _reporter(on_progress: OnProgress | None, member: int) -> Callable[[int], None] | None:
    return (lambda epoch: on_progress(f"lightfm_{member}", epoch, {})) if on_progress else None


def fold_in(
    stages: dict[str, Stage], histories: Sequence[Sequence[int]], people: NDArray[np.float32] | None, n: int
) -> Columns:
    """See Champion.fold_in."""
    out = np.full((len(histories), n), -1, np.int32)
    filled = np.array([len(history) > 0 for history in histories], bool)
    for name, rows in ((VIEWERS, np.flatnonzero(filled)), (NEWCOMERS, np.flatnonzero(~filled))):
        if not len(rows):
            continue
        stage = stages[name]
        past = Past(*(_history([histories[row] for row in rows], len(stage.shown), fade) for fade in (1.0, FADE)))
        scores = {key: model.fold(past) for key, model in stage.models.items()}
        if name == NEWCOMERS and people is not None:
            scores |= {
                key: model.of(people[rows]) for key, model in stage.models.items() if isinstance(model, Newcomers)
            }
        _, blended = blend(scores, stage.weights, len(rows))
        found, _ = best(blended, n, stage.shown, past.plain)
        out[rows, : found.shape[1]] = found
    return out


def _history(histories: Sequence[Sequence[int]], titles: int, fade: float) -> csr_array:
    rows = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
    columns = np.array([column for history in histories for column in history], np.int64)
    ages = np.array([age for history in histories for age in range(len(history) - 1, -1, -1)], float)
    table = np.zeros((len(histories), titles), np.float32)
    np.maximum.at(table, (rows, columns), fade**ages)
    return csr_array(table)


def similar(stage: Stage, n: int) -> Columns:
    """(titles, n) by the cosine of their viewers; titles without viewers by that of their factors."""
    factors = [model.titles for model in stage.models.values() if isinstance(model, LightFactors)]
    unit = np.concatenate(
        [part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-9) for part in factors], axis=1
    )
    nearest = stage.models.get("neighbours")
    out = np.full((len(unit), n), -1, np.int32)
    for start in range(0, len(unit), 256):
        block = slice(start, start + 256)
        scores: Scores = (0.1 * (unit[block] @ unit.T) / len(factors)).astype(np.float32)
        if isinstance(nearest, Neighbours):
            scores += nearest.similar[block]
        scores[np.arange(len(scores)), np.arange(start, start + len(scores))] = -np.inf
        mask(scores, stage.shown, None)
        found = top(scores, n)
        out[block, : found.shape[1]] = found
    return out
