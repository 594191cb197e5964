"""Sparse coefficients times a dense matrix, in single precision: terms are added in their order, eight at a time."""

import numpy as np
from numba import njit, uintp
from scipy.sparse import csr_array

from ml.kernels.tiles import TILE, Floats, Places, Tiles, parts, tiled

ONE, EIGHT = uintp(1), uintp(8)


def product(coefficients: csr_array | Floats, weights: Floats | Tiles, bias: Floats | None = None) -> Floats:
    """(rows, columns): coefficients (rows, k) times weights (k, columns), plus a bias (columns,) for every row."""
    matrix = weights if isinstance(weights, Tiles) else tiled(weights.astype(np.float32, copy=False))
    out = np.empty((coefficients.shape[0], matrix.columns), np.float32)
    begin = np.zeros(matrix.columns, np.float32) if bias is None else bias
    _add(*parts(coefficients), matrix.packed, uintp(matrix.rows), begin, out)
    return out


# Places are unsigned, or each would be asked whether it counts from the end.
@njit(nogil=True, boundscheck=False, error_model="numpy")
def _add(begins: Places, terms: Places, values: Floats, packed: Floats, height: int, bias: Floats, out: Floats) -> None:
    sums = np.zeros(TILE, np.float32)
    columns, size = uintp(out.shape[1]), height * TILE
    for first in range(uintp(0), columns, TILE):
        end = min(first + TILE, columns)
        tile = packed[first // TILE * size : (first // TILE + ONE) * size]
        for row in range(len(out)):
            sums[: end - first] = bias[first:end]
            _add_tile(begins[row], begins[row + 1], terms, values, tile, sums)
            out[row, first:end] = sums[: end - first]


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _add_tile(at: int, end: int, terms: Places, values: Floats, tile: Floats, out: Floats) -> None:
    """Eight terms at a time, so that sums stay in registers meanwhile; they are added in their order all the same."""
    while at + EIGHT <= end:
        t, v = terms[at : at + EIGHT], values[at : at + EIGHT]
        a, b, c, d, e, f, g, h = v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]
        i, j, k, m = t[0] * TILE, t[1] * TILE, t[2] * TILE, t[3] * TILE
        n, o, p, q = t[4] * TILE, t[5] * TILE, t[6] * TILE, t[7] * TILE
        for x in range(TILE):
            half = out[x] + a * tile[i + x] + b * tile[j + x] + c * tile[k + x] + d * tile[m + x]
            out[x] = half + e * tile[n + x] + f * tile[o + x] + g * tile[p + x] + h * tile[q + x]
        at += EIGHT
    while at < end:
        value, weight = values[at], terms[at] * TILE
        for x in range(TILE):
            out[x] += value * tile[weight + x]
        at += ONE
