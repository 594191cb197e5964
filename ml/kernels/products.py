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


# Places are unsigned, or each would be asked whether it counts from the end. Parts of arrays are told by where they
# begin, not cut out: a processor spends longer on counting who holds a cut than on what is in it.
@njit(nogil=True, boundscheck=False, error_model="numpy")
def _add(begins: Places, terms: Places, values: Floats, packed: Floats, height: int, bias: Floats, out: Floats) -> None:
    sums = np.zeros(TILE, np.float32)
    columns = uintp(out.shape[1])
    for first in range(uintp(0), columns, TILE):
        width, tile = min(TILE, columns - first), first * height
        for row in range(uintp(len(out))):
            for x in range(width):
                sums[x] = bias[first + x]
            _add_tile(begins[row], begins[row + ONE], terms, values, packed, tile, sums)
            for x in range(width):
                out[row, first + x] = sums[x]


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _add_tile(at: int, end: int, terms: Places, values: Floats, packed: Floats, tile: int, out: Floats) -> None:
    """Eight terms at a time, so that sums stay in registers meanwhile; they are added in their order all the same."""
    while at + EIGHT <= end:
        a, b, c, d = values[at], values[at + uintp(1)], values[at + uintp(2)], values[at + uintp(3)]
        e, f, g, h = values[at + uintp(4)], values[at + uintp(5)], values[at + uintp(6)], values[at + uintp(7)]
        i, j = tile + terms[at] * TILE, tile + terms[at + uintp(1)] * TILE
        k, m = tile + terms[at + uintp(2)] * TILE, tile + terms[at + uintp(3)] * TILE
        n, o = tile + terms[at + uintp(4)] * TILE, tile + terms[at + uintp(5)] * TILE
        p, q = tile + terms[at + uintp(6)] * TILE, tile + terms[at + uintp(7)] * TILE
        for x in range(TILE):
            half = out[x] + a * packed[i + x] + b * packed[j + x] + c * packed[k + x] + d * packed[m + x]
            out[x] = half + e * packed[n + x] + f * packed[o + x] + g * packed[p + x] + h * packed[q + x]
        at += EIGHT
    while at < end:
        value, weight = values[at], tile + terms[at] * TILE
        for x in range(TILE):
            out[x] += value * packed[weight + x]
        at += ONE
