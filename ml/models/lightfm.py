"""LightFM: factors of viewers and titles, learned to rank (WARP), hybrid with features where these are asked for."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix, eye_array, hstack

from ml.dataset import Dataset
from ml.kernels.products import product
from ml.kernels.tiles import Prepared, tiled
from ml.models.base import Model, Past, Scores, standard

Epoch = Callable[[int], None]


class LightFactors(Model):
    """One LightFM model. One thread: two and one seed repeat only 7 of 10 recommendations."""

    name: ClassVar[str] = "lightfm"
    arrays: ClassVar[tuple[str, ...]] = ("titles", "title_bias", "bridge")
    personal: ClassVar[tuple[str, ...]] = ("viewers",)

    def __init__(
        self,
        *,
        components: int = 32,
        rate: float = 0.05,
        penalty: float = 1e-5,
        epochs: int = 4,
        viewer_features: bool = False,
        item_features: bool = False,
        seed: int = 0,
        on_epoch: Epoch | None = None,
    ) -> None:
        self.components, self.rate, self.penalty, self.epochs = components, rate, penalty, epochs
        self.viewer_features, self.item_features = viewer_features, item_features
        self.seed, self.on_epoch = seed, on_epoch
        self._tiles = Prepared(lambda titles: tiled(titles.T))

    def learn(self, data: Dataset) -> None:
        from lightfm import LightFM

        model = LightFM(
            no_components=self.components,
            learning_rate=self.rate,
            item_alpha=self.penalty,
            user_alpha=self.penalty,
            loss="warp",
            random_state=self.seed,
        )
        viewers = _hybrid(data.user_features if self.viewer_features else None, data.shape[0])
        titles = _hybrid(data.item_features if self.item_features else None, data.shape[1])
        sides: dict[str, Any] = {"user_features": viewers, "item_features": titles}
        watched = self.seen.tocoo()
        for epoch in range(self.epochs):
            model.fit_partial(watched, epochs=1, num_threads=1, **sides)
            if self.on_epoch:
                self.on_epoch(epoch)
        _, self.viewers = _part(model.get_user_representations(viewers))
        self.title_bias, self.titles = _part(model.get_item_representations(titles))
        if not self.item_features:
            introduce(data, self.titles, self.title_bias)
        self.bridge = _bridge(data, self.titles, self.viewers)

    def scores(self, rows: NDArray[np.int64]) -> Scores:
        return product(self.viewers[rows], self._tiles.of(self.titles), self.title_bias)

    def fold(self, past: Past) -> Scores:
        viewers = product(_average(past.plain, self.titles), self.bridge)
        return product(viewers, self._tiles.of(self.titles), self.title_bias)


def _hybrid(features: csr_array | None, count: int) -> csr_matrix | None:
    """An indicator of its own for every row beside its features, rows normalised; None where there are none."""
    if features is None:
        return None
    joined = csr_array(hstack([eye_array(count, dtype=np.float32), features]))
    lengths = np.repeat(np.asarray(joined.sum(axis=1)).ravel(), np.diff(joined.indptr))
    joined.data = (joined.data / lengths).astype(np.float32)
    return csr_matrix(joined)


def introduce(data: Dataset, titles: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    """Give titles that nobody has watched the factors that their features foretell: ridge regression from the features
    of those that were watched, in place. Training on item features costs 13 times the time and some quality of warm
    titles; this costs nothing of either."""
    count = np.bincount(data.item, minlength=data.shape[1])
    new, known = count == 0, count > 0
    if data.item_features is None or not new.any() or not known.any():
        return
    features = np.column_stack([data.item_features.toarray(), np.ones(len(count))])
    sure = np.sqrt(count[known].astype(float))[:, None]  # a title watched by many has surer factors
    left, right = features[known] * sure, np.column_stack([titles, bias])[known] * sure
    ridge = np.linalg.solve(left.T @ left + 10 * np.eye(features.shape[1]), left.T @ right)
    foretold = features[new] @ ridge
    titles[new], bias[new] = foretold[:, :-1], foretold[:, -1]


def _average(history: csr_array, titles: NDArray[np.float32]) -> NDArray[np.float32]:
    """(viewers, components + 1): the mean of the titles' factors and a constant."""
    count = np.maximum(np.asarray(history.sum(axis=1)).ravel(), 1)[:, None]
    return np.column_stack([(history @ titles) / count, np.ones(history.shape[0])]).astype(np.float32)


def _bridge(data: Dataset, titles: NDArray[np.float32], viewers: NDArray[np.float32]) -> NDArray[np.float32]:
    """The linear map that best leads from what viewers watched to their factors: new viewers cross it."""
    left = _average(data.matrix(), titles)
    gram = left.T @ left + np.eye(left.shape[1], dtype=np.float32)
    return np.linalg.solve(gram, left.T @ viewers).astype(np.float32)


def _part(found: tuple[Any, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return np.asarray(found[0], np.float32), np.ascontiguousarray(found[1], np.float32)


class Ensemble(Model):
    """LightFM models that differ by seed, their standardised scores added: less of the luck of one start."""

    name: ClassVar[str] = "lightfm ensemble"

    def __init__(self, *, seeds: int = 3, seed: int = 0, **each: Any) -> None:
        self.members = [LightFactors(seed=seed + step, **each) for step in range(seeds)]

    def learn(self, data: Dataset) -> None:
        for member in self.members:
            member.fit(data)

    def scores(self, rows: NDArray[np.int64]) -> Scores:
        return np.sum([standard(member.scores(rows)) for member in self.members], axis=0)

    def fold(self, past: Past) -> Scores:
        return np.sum([standard(member.fold(past)) for member in self.members], axis=0)
