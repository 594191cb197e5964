"""Recipes of a night: the champion's, and the candidates that it is compared with."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ml import tracking
from ml.champion import Champion
from ml.dataset import Dataset

Params = dict[str, Any]


@dataclass(frozen=True)
class Recipe:
    """What makes a model out of data: its parameters and its seed."""

    params: Params
    seed: int

    @classmethod
    def of(cls, params: Params | None, seed: int) -> "Recipe":
        """With all that is not said at its default, so that equal recipes look equal."""
        return cls(Champion(params, seed=seed).params, seed)

    @classmethod
    def parse(cls, text: str) -> "Recipe":
        body = json.loads(text)
        return cls(body["params"], body["seed"])

    def text(self) -> str:
        return json.dumps({"params": self.params, "seed": self.seed}, sort_keys=True)

    def champion(self) -> Champion:
        return Champion(self.params, seed=self.seed)

    def fit(self, data: Dataset, part: str) -> Champion:
        """A champion; its metrics by epoch go to the present run as `<part>.<model>.<metric>`."""
        with tracking.series(part) as on_epoch:
            return self.champion().fit(data, on_epoch=on_epoch)


def candidates(seed: int) -> dict[str, Callable[[], Any]]:
    """The models beside the champion by name, each made by a call."""
    from ml.models.ease import Ease
    from ml.models.lightfm import LightFactors
    from ml.models.neighbours import Neighbours
    from ml.models.popularity import Popularity

    return {
        "popularity": Popularity,
        "popularity-30-days": lambda: Popularity(30),
        "neighbours": Neighbours,
        "ease": Ease,
        "lightfm": lambda: LightFactors(seed=seed),
        "lightfm-features": lambda: LightFactors(viewer_features=True, item_features=True, epochs=10, seed=seed),
    }
