"""The picture as cells of one colour each, frame by frame: what flashes and colour bars are seen by."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from marquee.content.media.qc.commands import CELL_COLUMNS, CELL_ROWS

Cells = NDArray[np.uint8]
"""Frames × rows × columns × red, green, blue."""
Values = NDArray[np.float64]


def cells(path: Path) -> Cells:
    """What `commands.picture_scan` has written, mapped and not read; a frame that is not whole is left out."""
    size = CELL_ROWS * CELL_COLUMNS * 3
    frames = path.stat().st_size // size if path.exists() else 0
    if not frames:
        return np.zeros((0, CELL_ROWS, CELL_COLUMNS, 3), np.uint8)
    return np.memmap(path, np.uint8, "r", shape=(frames, CELL_ROWS, CELL_COLUMNS, 3))


def _linear(level: Values) -> Values:
    """Linear light of a level from 0 to 1, by sRGB (IEC 61966-2-1)."""
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)


LINEAR = _linear(np.arange(256) / 255)
WEIGHTS = np.array([0.2126, 0.7152, 0.0722])  # of red, green and blue in relative luminance, ITU-R BT.709


def luminance(frames: Cells) -> Values:
    """Relative luminance of each cell, from 0 to 1; frames × cells."""
    light: Values = LINEAR[frames] @ WEIGHTS
    return light.reshape(len(frames), -1)


def redness(frames: Cells) -> Values:
    """(R - G - B) × 320 of linear light where it is saturated red, else 0; frames × cells. WCAG 2.2, "red flash"."""
    light = LINEAR[frames].reshape(len(frames), -1, 3)
    red, total = light[..., 0], light.sum(-1)
    saturated = red >= 0.8 * np.maximum(total, 1e-9)
    return np.where(saturated, np.maximum(0.0, (2 * red - total) * 320), 0.0)
