"""Standardised scores of several models, added with weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

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

    @classmethod
    def of(cls, scores: Floats) -> Self:
        mean, scale = np.empty(len(scores), np.float32), np.empty(len(scores), np.float32)
        _moments(scores, mean, scale)
        return cls(scores, mean, scale)

    def at(self, columns: NDArray[np.int32]) -> Floats:
        """The standardised scores of some columns (rows, n) of each row."""
        out = np.empty(columns.shape, np.float32)
        _take(self.scores, self.mean, self.scale, columns, out)
        return out


def blend(parts: Mapping[str, Standard], weights: Mapping[str, float], shape: tuple[int, int]) -> Floats:
    """(rows, titles) of that shape: the sum of weight × standardised scores over the models that are there."""
    out = np.zeros(shape, np.float32)
    for name, weight in weights.items():
        if name in parts:
            part = parts[name]
            _add(part.scores, part.mean, part.scale * np.float32(weight), out)
    return out


@njit(nogil=True, boundscheck=False, error_model="numpy")
def placed(places: NDArray, values: Floats) -> Floats:
    """(rows, n): in each row the values (n,) at its places (rows, n)."""
    out = np.empty(places.shape, np.float32)
    for row in range(len(places)):
        for at in range(len(values)):
            out[row, places[row, at]] = values[at]
    return out


@njit(nogil=True, error_model="numpy")
def _moments(scores: Floats, mean: Floats, scale: Floats) -> None:
    """In double precision and from the first score of a row on, so that nothing is lost where all are far from 0."""
    size = scores.shape[1]
    for row in range(len(scores)):
        origin = scores[row, 0]
        total, squares = _sums(scores[row], origin)
        variance = max(squares / size - (total / size) ** 2, 0.0)
        mean[row] = origin + total / size
        scale[row] = 1 / np.sqrt(variance) if np.sqrt(variance) > LEAST * abs(mean[row]) else 0


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


@njit(nogil=True, error_model="numpy")
def _add(scores: Floats, mean: Floats, scale: Floats, out: Floats) -> None:
    for row in range(len(out)):
        own = row if len(scores) > 1 else 0
        values, sums, middle, factor = scores[own], out[row], mean[own], scale[own]
        for column in range(len(sums)):
            sums[column] += (values[column] - middle) * factor
