"""EASE: a linear model from all titles to each, with no title explaining itself (Steck 2019, arXiv:1905.03375)."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ml.dataset import Dataset
from ml.kernels.products import product
from ml.kernels.sums import Rounded, sums
from ml.kernels.tiles import Prepared, tiled
from ml.models.base import Model, Past, Scores


class Ease(Model):
    """Ridge regression in closed form: B = I - P / diag(P), P = (XᵀX + λI)⁻¹. Time and memory grow with titles²…³."""

    name: ClassVar[str] = "ease"
    arrays: ClassVar[tuple[str, ...]] = ("weights",)

    def __init__(self, penalty: float = 16_000.0) -> None:
        self.penalty = penalty
        self._rounded, self._tiles = Prepared(Rounded.of), Prepared(tiled)

    def learn(self, data: Dataset) -> None:
        from scipy.linalg import lapack

        matrix = data.matrix()
        gram = np.asarray((matrix.T @ matrix).todense(), dtype=np.float32)
        gram[np.diag_indices_from(gram)] += self.penalty
        factor, _ = lapack.spotrf(gram, lower=1)
        inverse, _ = lapack.spotri(factor, lower=1)
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        self.weights = np.ascontiguousarray(inverse / -np.diag(inverse)[None])
        np.fill_diagonal(self.weights, 0)

    def scores(self, rows: NDArray[np.int64]) -> Scores:
        return sums(self.seen[rows], self._rounded.of(self.weights))

    def fold(self, past: Past) -> Scores:
        return sums(past.plain, self._rounded.of(self.weights))

    def product(self, coefficients: csr_array) -> Scores:
        """Scores of viewers whose titles count differently."""
        return product(coefficients, self._tiles.of(self.weights))
