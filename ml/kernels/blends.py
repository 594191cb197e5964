"""Standardised scores of several models, added with weights."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LANES = 32  # sums beside each other
LEAST = 1e-6  # times the mean: a smaller deviation is rounding, and such scores are taken as all alike


@dataclass(frozen=True)
class Standard:
    """Scores (rows, titles) with what brings each row to mean 0 and deviation 1, so that models of different scales can
    be added: (score - mean) × scale. One row of scores stands for all rows where everybody gets the same."""

    scores: Floats
    mean: Floats  # (rows,)
    scale: Floats  # (rows,), 0 where all scores of a row are alike

    def at(self, columns: NDArray[np.int32]) -> Floats:
        """The standardised scores of some columns (rows, n) of each row."""
        out = np.empty(columns.shape, np.float32)
        _take(self.scores, self.mean, self.scale, columns, out)
        return out


def blend(scores: Mapping[str, Floats], weights: Mapping[str, float], rows: int) -> tuple[dict[str, Standard], Floats]:
    """Each model's scores, one at least, with what makes them standard, and (rows, titles) the sum of weight ×
    standardised scores over the models that have a weight, added in the weights' order.

    All models' scores of a row are gone through while they are in the processor's cache.
    """
    names = [name for name in weights if name in scores]
    names += [name for name in scores if name not in weights]
    parts = tuple(scores[name] for name in names)
    factors = np.array([weights[name] for name in names if name in weights], np.float32)
    mean, scale = (np.empty((len(parts), rows), np.float32) for _ in range(2))
    out = np.zeros((rows, parts[0].shape[1]), np.float32)
    _blend(parts, factors, mean, scale, out)
    found = {
        name: Standard(each, mean[place, : len(each)], scale[place, : len(each)])
        for place, (name, each) in enumerate(zip(names, parts, strict=True))
    }
    return {name: found[name] for name in scores}, out


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _blend(parts: tuple[Floats, ...], factors: Floats, mean: Floats, scale: Floats, out: Floats) -> None:
    for row in range(len(out)):
        for place in range(len(parts)):
            if row == 0 or len(parts[place]) > 1:
                mean[place, row], scale[place, row] = _moments(parts[place][row])
        for place in range(len(factors)):
            own = row if len(parts[place]) > 1 else 0
            _add(parts[place][own], mean[place, own], scale[place, own] * factors[place], out[row])


@njit(nogil=True, error_model="numpy")
def _moments(values: Floats) -> tuple[float, float]:
    """Mean and scale, in double precision and from the first score on, so that nothing is lost where all are far from
    0."""
    size, origin = len(values), values[0]
    total, squares = _sums(values, origin)
    variance = max(squares / size - (total / size) ** 2, 0.0)
    mean = np.float32(origin + total / size)
    return mean, np.float32(1 / np.sqrt(variance) if np.sqrt(variance) > LEAST * abs(mean) else 0)


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _sums(values: Floats, origin: float) -> tuple[float, float]:
    """Of the values less the origin, and of the squares of these; many at a time, each in a sum of its own."""
    plain, squared = np.zeros(LANES), np.zeros(LANES)
    whole = len(values) // LANES * LANES
    for first in range(0, whole, LANES):
        each = values[first : first + LANES]
        for lane in range(LANES):
            value = np.float64(each[lane] - origin)
            plain[lane] += value
            squared[lane] += value * value
    for value in values[whole:]:
        plain[0] += np.float64(value - origin)
        squared[0] += np.float64(value - origin) ** 2
    return plain.sum(), squared.sum()


@njit(nogil=True, error_model="numpy")
def _take(scores: Floats, mean: Floats, scale: Floats, columns: NDArray, out: Floats) -> None:
    for row in range(len(out)):
        own = row if len(scores) > 1 else 0
        for place in range(out.shape[1]):
            out[row, place] = (scores[own, columns[row, place]] - mean[own]) * scale[own]


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _add(values: Floats, mean: float, factor: float, out: Floats) -> None:
    for column in range(len(out)):
        out[column] += (values[column] - mean) * factor
