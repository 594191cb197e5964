"""Tells italics by the slant of their stems, which Tesseract does not say.

A line is sheared by several angles: stems that stand upright make the sharpest columns. Upright lines of real clips
were at most 0.025 off, drawn italics of 0.15 to 0.25 within 0.025 of theirs.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

SHEARS = np.arange(-0.1, 0.401, 0.025)  # pixels to the right for each pixel up
UPRIGHT = int(np.abs(SHEARS).argmin())
LEAST_SLANT = 0.1  # of italics; typefaces have 0.14 to 0.27
LEAST_GAIN = 1.1  # in sharpness over the upright line
DARK = 0.3  # of full ink, in a row that holds letters
LEAST_ROWS, LEAST_GAP = 8, 3  # pixels of a line and between lines

Ink = NDArray[np.float64]
"""Rows × columns, 0 for paper to 1 for ink."""


def italic_lines(paper: NDArray[np.uint8]) -> tuple[bool, ...]:
    """For each line of dark text on white paper, from top to bottom, whether it is in italics."""
    return tuple(_italic(line) for line in _lines((255 - paper.astype(np.float64)) / 255))


def _lines(ink: Ink) -> Iterator[Ink]:
    rows = np.flatnonzero(ink.max(axis=1) > DARK)
    for run in np.split(rows, np.flatnonzero(np.diff(rows) >= LEAST_GAP) + 1):
        if len(run) >= LEAST_ROWS:
            yield ink[run[0] : run[-1] + 1]


def _italic(line: Ink) -> bool:
    sharpness = [_sharpness(line, shear) for shear in SHEARS]
    best = int(np.argmax(sharpness))
    return bool(SHEARS[best] >= LEAST_SLANT and sharpness[best] >= LEAST_GAIN * sharpness[UPRIGHT])


def _sharpness(line: Ink, shear: float) -> float:
    """How much the ink of neighbouring columns differs when each row is moved by its height times the shear."""
    moves = np.rint(shear * np.arange(len(line))).astype(int)
    moves -= moves.min()
    columns = np.zeros(line.shape[1] + int(moves.max()))
    for row, move in zip(line, moves, strict=True):
        columns[move : move + len(row)] += row
    return float((np.diff(columns) ** 2).sum())
