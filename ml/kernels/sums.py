"""Sums of rows of a matrix whose weights are whole numbers of thirteen bits, with a scale for each column.

Eight of them fit into sixteen bits, so a processor adds 16 or 32 at a time and fetches half the bytes; their sums are
exact, whatever their order. The rounding is far below what a model knows: of EASE on MovieLens 1M it moves scores by
5e-5 of their deviation.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numba import njit, uintp
from numpy.typing import NDArray
from scipy.sparse import csr_array

from marquee.contracts.errors import InvalidInput
from ml.kernels.tiles import TILE, Floats, Places, Tiles, parts, tiled

ONE, EIGHT = uintp(1), uintp(8)
MOST = np.iinfo(np.int16).max // 8
Wholes = NDArray[np.int16]


@dataclass(frozen=True)
class Rounded:
    """A matrix of numbers from -MOST to MOST, each column times its scale."""

    tiles: Tiles
    scale: Floats  # (columns,)

    @classmethod
    def of(cls, weights: Floats) -> Self:
        scale = (np.abs(weights).max(axis=0, initial=0) / MOST).astype(np.float32)
        wholes = np.rint(weights / np.where(scale > 0, scale, 1)).astype(np.int16)
        return cls(tiled(wholes), scale)


def sums(chosen: csr_array, weights: Rounded) -> Floats:
    """(rows, columns): of each row the sum of those rows of the weights where it has 1.

    Raises InvalidInput where it has another number.
    """
    begins, terms, values = parts(chosen)
    if (values != 1).any():
        raise InvalidInput("only ones can be summed", where="sums", expected="1", got=str(values[values != 1][0]))
    out = np.empty((chosen.shape[0], weights.tiles.columns), np.float32)
    _sum(begins, terms, weights.tiles.packed, uintp(weights.tiles.rows), weights.scale, out)
    return out


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _sum(begins: Places, terms: Places, packed: Wholes, height: int, scale: Floats, out: Floats) -> None:
    whole, eighth = np.empty(TILE, np.int32), np.empty(TILE, np.int16)
    columns, size = uintp(out.shape[1]), height * TILE
    for first in range(uintp(0), columns, TILE):
        width = min(TILE, columns - first)
        tile = packed[first // TILE * size : (first // TILE + ONE) * size]
        for row in range(len(out)):
            whole[:] = 0
            _add_tile(begins[row], begins[row + 1], terms, tile, eighth, whole)
            for x in range(width):
                out[row, first + x] = whole[x] * scale[first + x]


@njit(nogil=True, boundscheck=False, error_model="numpy")
def _add_tile(at: int, end: int, terms: Places, tile: Wholes, eighth: Wholes, out: NDArray[np.int32]) -> None:
    """Eight terms at a time in sixteen bits, then in thirty-two."""
    while at + EIGHT <= end:
        t = terms[at : at + EIGHT]
        i, j, k, m = t[0] * TILE, t[1] * TILE, t[2] * TILE, t[3] * TILE
        n, o, p, q = t[4] * TILE, t[5] * TILE, t[6] * TILE, t[7] * TILE
        for x in range(TILE):
            half = tile[i + x] + tile[j + x] + tile[k + x] + tile[m + x]
            eighth[x] = np.int16(half + tile[n + x] + tile[o + x] + tile[p + x] + tile[q + x])
        for x in range(TILE):
            out[x] += np.int32(eighth[x])
        at += EIGHT
    while at < end:
        weight = terms[at] * TILE
        for x in range(TILE):
            out[x] += np.int32(tile[weight + x])
        at += ONE
