"""The keyed pattern of a segment: cells of the whole picture that are made a little brighter or darker.

The cells divide the picture by its own width and height, so that a pattern keeps its place at every size, and can be
found again in a part of the picture. They are wide, for what is wide survives encoding, scaling and projection.
"""

import hashlib
import hmac
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.floating[Any]]
"""Numbers of a picture, or of cells (rows, columns)."""

COLUMNS, ROWS = 32, 18
VERSION = "1"  # of pattern, masks and strengths: another one makes other files
KEY_ID_DIGITS = 16


def key_id(key: str) -> str:
    """Sixteen hex digits that name a key and reveal nothing of it."""
    return _digest(key, "id").hex()[:KEY_ID_DIGITS]


def signs(key: str, film: str, segment: int) -> Plane:
    """+1 or -1 for each cell (rows, columns), from the key, the film's content hash and the segment's number from 0."""
    stream = hashlib.shake_256(_digest(key, f"pattern/{VERSION}/{film}/{segment}")).digest(ROWS * COLUMNS // 8)
    bits = np.unpackbits(np.frombuffer(stream, np.uint8)).reshape(ROWS, COLUMNS)
    return 2.0 * bits - 1.0


def spread(cells: Plane, width: int, height: int, area: tuple[float, float, float, float] = (0, 0, 1, 1)) -> Plane:
    """Values of cells drawn smoothly over a picture of that size (height, width).

    `area` is the part of the whole picture that is drawn: left, top, right and bottom as shares of width and height.
    """
    down, across = _shares(width, height, area)
    drawn: Plane = down @ cells @ across.T
    return drawn


def gathered(plane: Plane, area: tuple[float, float, float, float]) -> Plane:
    """The sum of a picture over each cell (rows, columns), as `spread` draws them; 0 for cells outside of the area."""
    height, width = plane.shape
    down, across = _shares(width, height, area)
    sums: Plane = down.T @ plane @ across
    return sums


def _shares(width: int, height: int, area: tuple[float, float, float, float]) -> tuple[Plane, Plane]:
    left, top, right, bottom = area
    across = _weights(left + (right - left) * _centres(width), COLUMNS)
    down = _weights(top + (bottom - top) * _centres(height), ROWS)
    return down, across


def _centres(count: int) -> Plane:
    """Middles of pixels as shares of a side."""
    return (np.arange(count) + 0.5) / count


def _weights(places: Plane, cells: int) -> Plane:
    """How much each cell has of each place (places, cells): raised cosines that add up to 1, held at the borders."""
    positions = np.clip(places * cells - 0.5, 0, cells - 1)
    distances = np.abs(positions[:, None] - np.arange(cells)[None, :])
    return np.where(distances < 1, 0.5 + 0.5 * np.cos(np.pi * np.minimum(distances, 1)), 0.0)


def _digest(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"watermark/{purpose}".encode(), "sha256")


def rounded(plane: Plane) -> NDArray[Any]:
    """Whole levels."""
    return np.rint(plane).astype(np.int32)
