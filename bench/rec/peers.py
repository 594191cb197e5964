"""Peers: the models of the library `implicit` behind our interface."""

from typing import Any, Self

import numpy as np
import scipy.linalg  # noqa: F401 - its BLAS is implicit's, and must be loaded when the limit on threads is set
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from ml.dataset import Dataset


class Implicit:
    """A model of the implicit library. It recommends what was in its training data and not seen by the viewer."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, data: Dataset) -> Self:
        self.seen = csr_matrix(data.matrix())
        with threadpool_limits(1, "blas"):
            self.model.fit(self.seen, show_progress=False)
        return self

    def recommend(self, rows: NDArray[np.int64] | None, n: int) -> NDArray[np.int32]:
        rows = np.arange(self.seen.shape[0]) if rows is None else rows
        with threadpool_limits(1, "blas"):
            found, _ = self.model.recommend(rows, self.seen[rows], N=n)
        return np.asarray(found, np.int32)


def als(components: int = 128, *, penalty: float = 50, threads: int = 0) -> Implicit:
    """On all cores, or as many threads as are given."""
    from implicit.als import AlternatingLeastSquares

    settings = {"regularization": penalty, "alpha": 1, "random_state": 0, "num_threads": threads}
    return Implicit(AlternatingLeastSquares(components, **settings))


def bpr() -> Implicit:
    """Ten rounds: by the hundred of its default it falls far behind popularity. One thread: its threads wait for each
    other in a loop, which takes minutes on a machine that has other work."""
    from implicit.bpr import BayesianPersonalizedRanking

    return Implicit(BayesianPersonalizedRanking(64, iterations=10, random_state=0, num_threads=1))
