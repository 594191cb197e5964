"""Matrices tile by tile of their columns, each tile in one piece: all viewers' rows pass over one tile while that is in
the processor's cache. Rows of a matrix as it is lie pages apart, so that the processor's table of pages is missed too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numba import uintp
from numpy.typing import NDArray
from scipy.sparse import csr_array

TILE = uintp(256)  # columns; of 4,000 rows of two bytes each a tile has 2 MB, about a processor's second cache

Floats = NDArray[np.float32]
Places = NDArray[np.uintp]
T = TypeVar("T")


@dataclass(frozen=True)
class Tiles:
    """A matrix (rows, columns) in tiles, the last one filled up with 0."""

    packed: NDArray[Any]  # tile after tile, row after row
    rows: int
    columns: int


def tiled(matrix: NDArray[Any]) -> Tiles:
    rows, columns = matrix.shape
    width = int(TILE)
    count = -(-columns // width)
    packed = np.zeros((count, rows, width), matrix.dtype)
    for number in range(count):
        part = matrix[:, number * width : (number + 1) * width]
        packed[number, :, : part.shape[1]] = part
    return Tiles(packed.ravel(), rows, columns)


def parts(coefficients: csr_array | Floats) -> tuple[Places, Places, Floats]:
    """Where each row's coefficients begin, the rows of the matrix that they belong to, and the coefficients."""
    if isinstance(coefficients, np.ndarray):
        rows, terms = coefficients.shape
        begins = np.arange(rows + 1, dtype=np.uintp) * np.uintp(terms)
        return begins, np.tile(np.arange(terms, dtype=np.uintp), rows), np.ravel(coefficients).astype(np.float32)
    begins, terms, values = coefficients.indptr, coefficients.indices, coefficients.data
    return begins.astype(np.uintp), terms.astype(np.uintp), values.astype(np.float32)


class Prepared(Generic[T]):
    """What loops make of an array, made when first asked for and kept as long as the array is the same one."""

    def __init__(self, make: Callable[[Floats], T]) -> None:
        self._make = make
        self._held: tuple[Floats, T] | None = None

    def of(self, array: Floats) -> T:
        held = self._held
        if held is None or held[0] is not array:
            self._held = held = (array, self._make(array))
        return held[1]
