"""The models that are compared: peers, candidates and the champion."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.rec import peers
from ml.dataset import Dataset
from ml.models.base import Model, Scores, standard
from ml.models.ease import Ease
from ml.models.lightfm import Ensemble, LightFactors
from ml.models.neighbours import Neighbours
from ml.models.popularity import Popularity, counts

PEERS = ("popularity", "popularity of 30 days", "item kNN", "implicit BPR", "implicit ALS", "EASE")
LIGHTFM = ("LightFM", "LightFM, viewer features", "LightFM ensemble of 3", "LightFM ensemble + recency")
VIEWER_EPOCHS = 7  # features learn slower


class Recent(Model):
    """A model's standardised scores plus those of the log of 30-day popularity."""

    name = "recent"

    def __init__(self, model: Model) -> None:
        self.model = model  # fitted already

    def learn(self, data: Dataset) -> None:
        self.prior = standard(np.log1p(counts(data, 30))[None])

    def scores(self, rows: NDArray[np.int64]) -> Scores:
        return standard(self.model.scores(rows)) + self.prior


def makers(*, features: bool) -> dict[str, Callable[[], Any]]:
    """Everybody but the champion; viewer features where there are some."""
    epochs = VIEWER_EPOCHS if features else 4
    return {
        "popularity": Popularity,
        "popularity of 30 days": lambda: Popularity(30),
        "item kNN": Neighbours,
        "implicit BPR": peers.bpr,
        "implicit ALS": peers.als,
        "EASE": Ease,
        "LightFM": LightFactors,
        "LightFM, viewer features": lambda: LightFactors(viewer_features=True, epochs=epochs),
        "LightFM ensemble of 3": lambda: Ensemble(seeds=3, viewer_features=True, epochs=epochs),
    }
