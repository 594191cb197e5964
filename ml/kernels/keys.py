"""Integers in the order of scores, the higher the lower the place among equal ones: they sort faster than scores."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Keys = NDArray[np.int64]
NOTHING, LAST = np.iinfo(np.int64).min, np.int64(2**32 - 1)


def ascending(values: Floats) -> Keys:
    """(rows, n): the keys of each row's values, the lowest first."""
    keys = np.empty(values.shape, np.int64)
    _all(values, keys)
    keys.sort(axis=1)
    return keys


def highest(scores: Floats, least: Floats, n: int) -> Keys:
    """(rows, n): the keys of each row's `n` highest scores of those that reach its bound (rows,), the highest first;
    NOTHING where fewer do."""
    found = np.empty(len(scores), np.int64)
    _count(scores, least, found)
    keys = np.full((len(scores), max(int(found.max(initial=0)), n)), NOTHING)
    _reaching(scores, least, keys)
    keys.sort(axis=1)
    return keys[:, ::-1][:, :n]


def places(keys: Keys) -> NDArray[np.int64]:
    """The places of keys in their row."""
    return LAST - (keys & LAST)


@njit(nogil=True, boundscheck=False, error_model="numpy")
def ranked(keys: Keys, values: Floats) -> Floats:
    """(rows, n): at the place of a row's highest key the first of the values (n,), at that of the next the second, …"""
    out = np.empty(keys.shape, np.float32)
    last = keys.shape[1] - 1
    for row in range(len(keys)):
        for rank in range(len(values)):
            out[row, LAST - (keys[row, last - rank] & LAST)] = values[rank]
    return out


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _key(value: np.float32, place: int) -> int:
    bits = np.int64(np.float32(value + np.float32(0)).view(np.int32))  # + 0 turns -0 into 0
    ordered = bits ^ ((bits >> 31) & 0x7FFFFFFF)  # negative numbers descend as integers
    return (ordered << 32) | (LAST - place)


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _all(values: Floats, out: Keys) -> None:
    for row in range(len(out)):
        for place in range(out.shape[1]):
            out[row, place] = _key(values[row, place], place)


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _count(scores: Floats, least: Floats, out: Keys) -> None:
    for row in range(len(out)):
        count, bound = np.int32(0), least[row]
        for place in range(scores.shape[1]):
            count += np.int32(scores[row, place] >= bound)
        out[row] = count


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _reaching(scores: Floats, least: Floats, out: Keys) -> None:
    for row in range(len(out)):
        at, bound = 0, least[row]
        for place in range(scores.shape[1]):
            if scores[row, place] >= bound:
                out[row, at] = _key(scores[row, place], place)
                at += 1
