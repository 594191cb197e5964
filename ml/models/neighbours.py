"""Item-based nearest neighbours: titles watched by the same viewers, by TF-IDF weights."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from ml.dataset import Dataset
from ml.kernels.sums import Rounded, sums
from ml.kernels.tiles import Prepared
from ml.models.base import Model, Past, Scores


class Neighbours(Model):
    """A title's score is the summed cosine to what the viewer has watched, over each title's `k` nearest."""

    name: ClassVar[str] = "neighbours"
    arrays: ClassVar[tuple[str, ...]] = ("similar",)

    def __init__(self, k: int = 500) -> None:
        self.k = k
        self._rounded = Prepared(Rounded.of)

    def learn(self, data: Dataset) -> None:
        similar = cosine(data.matrix())
        if self.k < len(similar):
            least = np.partition(similar, -self.k, axis=1)[:, -self.k, None]
            similar[similar < least] = 0
        self.similar = np.ascontiguousarray(similar)  # products with it copy it otherwise

    def scores(self, rows: NDArray[np.int64]) -> Scores:
        return sums(self.seen[rows], self._rounded.of(self.similar))

    def fold(self, past: Past) -> Scores:
        return sums(past.plain, self._rounded.of(self.similar))


def cosine(matrix: csr_array) -> NDArray[np.float32]:
    """(titles, titles) cosine between the TF-IDF columns of viewers × titles; 0 on the diagonal."""
    viewers, _ = matrix.shape
    weight = np.log(viewers / (1.0 + np.asarray(matrix.sum(axis=0)).ravel())).clip(0.01) + 1.0
    activity = 1.0 / np.sqrt(np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1.0))
    weighted = diags_array(activity) @ matrix @ diags_array(weight)
    gram = np.asarray((weighted.T @ weighted).todense(), dtype=np.float32)
    length = np.sqrt(np.maximum(np.diag(gram), 1e-12))
    gram /= length[:, None] * length[None]
    np.fill_diagonal(gram, 0)
    return gram
