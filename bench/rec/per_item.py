"""The Recommenders project's protocol for MovieLens 100k: a random quarter of every title's viewers is the test."""

from collections.abc import Callable
from statistics import mean

import numpy as np

from bench.rec import files, peers
from bench.rec.trial import Trial
from ml.dataset import Dataset, from_frames
from ml.models.base import Model, Scores, standard
from ml.models.ease import Ease
from ml.models.lightfm import Ensemble, LightFactors
from ml.models.neighbours import Neighbours
from ml.models.popularity import Popularity
from ml.split import per_item_random

SEEDS = 5
PENALTY = 300.0  # of EASE: for a tenth of the data, a fraction of the penalty


class Blend(Model):
    """Standardised scores of EASE, a LightFM ensemble and item neighbours, added: the champion's candidates without the
    ranker, which has no time to learn from in a random split. The weights were chosen on splits of other seeds."""

    name = "blend"

    def __init__(self) -> None:
        self.parts: list[tuple[float, Model]] = [
            (1.0, Ease(PENALTY)),
            (1.2, Ensemble(seeds=2, components=96, epochs=15, penalty=1e-4)),
            (0.3, Neighbours(200)),
        ]

    def learn(self, data: Dataset) -> None:
        for _, part in self.parts:
            part.fit(data)

    def scores(self, rows: np.ndarray) -> Scores:
        return np.sum([weight * standard(part.scores(rows)) for weight, part in self.parts], axis=0)


def makers() -> dict[str, Callable[[], object]]:
    return {
        "popularity": Popularity,
        "item kNN": lambda: Neighbours(200),
        "implicit ALS": lambda: peers.als(64, penalty=10),
        "implicit BPR": peers.bpr,
        "EASE": lambda: Ease(PENALTY),
        "LightFM": lambda: LightFactors(components=48, epochs=12),
        "blend": Blend,
    }


def run(place: str, seeds: int = SEEDS) -> dict[str, list[float]]:
    """nDCG@10 of everybody, one value per random split."""
    data = from_frames(files.interactions(place))
    found: dict[str, list[float]] = {name: [] for name in makers()}
    for seed in range(seeds):
        trial = Trial(*per_item_random(data, seed=seed))
        for name, make in makers().items():
            model = make().fit(trial.train)  # type: ignore[attr-defined]
            found[name].append(trial.judge(model.recommend, trial.warm).mean().value)
        print(f"split {seed}: " + ", ".join(f"{name} {values[-1]:.4f}" for name, values in found.items()), flush=True)
    for name, values in found.items():
        print(f"{name:28} {mean(values):.4f} ({min(values):.4f} to {max(values):.4f})")
    return found
