"""Sparse coefficients times a dense matrix, tile by tile of its columns.

All viewers' rows pass over one tile of the matrix while that is in the processor's cache: a product row by row fetches
the matrix anew for every viewer. Measured on MovieLens 1M's EASE (138 titles a viewer, 3,883 titles): 55 µs a viewer,
scipy's product 150, a dense one 190.
"""

import numpy as np
from numba import njit, uintp
from numpy.typing import NDArray
from scipy.sparse import csr_array

TILE = uintp(128)  # columns: the tile of a matrix of 4,000 rows is 2 MB, about a processor's second cache

ONE, EIGHT = uintp(1), uintp(8)
Floats = NDArray[np.float32]
Places = NDArray[np.uintp]


def product(coefficients: csr_array | Floats, weights: Floats, bias: Floats | None = None) -> Floats:
    """(rows, columns): coefficients (rows, k) times weights (k, columns), plus a bias (columns,) for every row."""
    out = np.empty((coefficients.shape[0], weights.shape[1]), np.float32)
    out[:] = 0 if bias is None else bias
    _add(*_parts(coefficients), np.ascontiguousarray(weights, np.float32).ravel(), uintp(weights.shape[1]), out)
    return out


def _parts(coefficients: csr_array | Floats) -> tuple[Places, Places, Floats]:
    """Where each row's coefficients begin, the rows of the weights that they belong to, and the coefficients."""
    if isinstance(coefficients, np.ndarray):
        rows, terms = coefficients.shape
        begins = np.arange(rows + 1, dtype=np.uintp) * np.uintp(terms)
        return begins, np.tile(np.arange(terms, dtype=np.uintp), rows), np.ravel(coefficients).astype(np.float32)
    begins, terms, values = coefficients.indptr, coefficients.indices, coefficients.data
    return begins.astype(np.uintp), terms.astype(np.uintp), values.astype(np.float32)


# Places are unsigned, or each would be asked whether it counts from the end.
@njit(nogil=True, boundscheck=False, error_model="numpy")
def _add(begins: Places, terms: Places, values: Floats, weights: Floats, columns: int, out: Floats) -> None:
    whole = columns // TILE * TILE
    for first in range(uintp(0), whole, TILE):
        for row in range(len(out)):
            sums = out[row, first : first + TILE]
            _add_tile(begins[row], begins[row + 1], terms, values, weights, columns, first, sums)
    for row in range(len(out)):
        for at in range(begins[row], begins[row + 1]):
            weight = terms[at] * columns
            for x in range(whole, columns):
                out[row, x] += values[at] * weights[weight + x]


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _add_tile(
    at: int, end: int, terms: Places, values: Floats, weights: Floats, columns: int, first: int, out: Floats
) -> None:
    """Eight terms at a time, so that sums stay in registers meanwhile; they are added in their order all the same."""
    while at + EIGHT <= end:
        t, v = terms[at : at + EIGHT], values[at : at + EIGHT]
        a, b, c, d, e, f, g, h = v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]
        i, j = t[0] * columns + first, t[1] * columns + first
        k, m = t[2] * columns + first, t[3] * columns + first
        n, o = t[4] * columns + first, t[5] * columns + first
        p, q = t[6] * columns + first, t[7] * columns + first
        for x in range(TILE):
            half = out[x] + a * weights[i + x] + b * weights[j + x] + c * weights[k + x] + d * weights[m + x]
            out[x] = half + e * weights[n + x] + f * weights[o + x] + g * weights[p + x] + h * weights[q + x]
        at += EIGHT
    while at < end:
        value, weight = values[at], terms[at] * columns + first
        for x in range(TILE):
            out[x] += value * weights[weight + x]
        at += ONE
