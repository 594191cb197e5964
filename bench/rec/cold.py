"""Cold start: how much features help with new viewers and new titles."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.rec.participants import VIEWER_EPOCHS
from bench.rec.trial import Trial
from ml.champion import Champion
from ml.dataset import Dataset
from ml.evaluate import Evaluation, Mean, evaluate, paired
from ml.models.base import Model, Scores
from ml.models.lightfm import Ensemble, LightFactors
from ml.models.popularity import Popularity

HIDDEN_SHARE = 0.1  # of the titles, whose past is taken away
COLD_EPOCHS = 5
SLOWLY: dict[str, Any] = {"rate": 0.01, "epochs": 5}  # or viewers' own factors take what their features could explain
SEEDS = 3  # newcomers gain less by features than one seed differs from the next


class Alike(Model):
    """Popularity among viewers with the same combination of the given features (age × gender)."""

    name = "alike"

    def __init__(self, prefixes: tuple[str, ...] = ("age=", "gender=")) -> None:
        self.prefixes = prefixes

    def learn(self, data: Dataset) -> None:
        names = data.user_feature_names
        chosen = [place for place, name in enumerate(names) if name.startswith(self.prefixes)]
        people = (
            data.user_features[:, chosen].toarray() if data.user_features is not None else np.zeros((data.shape[0], 1))
        )
        _, self.group = np.unique(people, axis=0, return_inverse=True)
        self.count = np.zeros((self.group.max() + 1, data.shape[1]), np.float32)
        np.add.at(self.count, (self.group[data.user], data.item), 1)
        total = self.count.sum(axis=0)
        self.count += total / (total.max() + 1)

    def scores(self, rows: NDArray[np.int64]) -> Scores:
        return self.count[self.group[rows]]


def viewers(trial: Trial, champion: Champion) -> dict[str, Evaluation]:
    """Everybody who can say something to a viewer without a history."""
    models = {
        "popularity": Popularity(),
        "popularity of 30 days": Popularity(30),
        "age x gender": Alike(),
        "LightFM": Ensemble(seeds=SEEDS, epochs=VIEWER_EPOCHS),
        "LightFM, viewer features": Ensemble(seeds=SEEDS, viewer_features=True, **SLOWLY),
    }
    found = {name: trial.judge(model.fit(trial.train).recommend, trial.cold) for name, model in models.items()}
    return {**found, "champion": trial.judge(champion.recommend, trial.cold)}


def titles(trial: Trial, seed: int = 0) -> dict[str, Evaluation]:
    """A tenth of the titles lose their past and are ranked among themselves for the viewers who watched some of them
    in the test or lost them from their past."""
    random = np.random.default_rng(seed)
    hidden = random.random(trial.train.shape[1]) < HIDDEN_SHARE
    gone = hidden[trial.train.item]
    train = replace(trial.train.select(~gone), available=hidden)
    lost = trial.train.select(gone)
    models = {
        "LightFM": LightFactors(epochs=COLD_EPOCHS),
        "LightFM, title features": LightFactors(item_features=True, epochs=COLD_EPOCHS),
        "LightFM, titles introduced": Introduced(),
    }
    plain = replace(train, item_features=None)
    data = {"LightFM": plain}
    rows = np.unique(lost.user)
    return {
        name: evaluate(model.fit(data.get(name, train)).recommend, train, lost, rows=rows)
        for name, model in models.items()
    }


class Introduced(LightFactors):
    """LightFM without features, new titles given the factors that their features foretell: the champion's way."""


def difference(found: dict[str, Evaluation], better: str, worse: str) -> Mean:
    return paired(found[better], found[worse])
