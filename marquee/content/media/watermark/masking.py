"""Where in a segment the watermark goes: into the busiest cells, which hide it best.

Contrast masking: texture hides changes that show on a plain wall (Legge and Foley, 1980). The measure is the standard
deviation of luma in the calmest quarter of a cell, for an edge between plain areas hides nothing beside it. Few cells
cost few bits, and the reader, who has the film, finds the same ones.
"""

import numpy as np
from numpy.typing import NDArray

from marquee.content.media.watermark.pattern import COLUMNS, ROWS, Plane

CELL = 8  # pixels a side
WIDTH, HEIGHT = COLUMNS * CELL, ROWS * CELL
SHARE = 0.08  # of the cells
LEVELS = 1.0  # of 8 bits: the least that there is
PLAIN = 1.0  # levels of standard deviation, below which nothing is added
DARK = 32.0  # levels of limited-range luma, below which neither: black shows everything


def strengths(frames: NDArray[np.uint8]) -> Plane:
    """Levels to be added or taken away in each cell (rows, columns), from frames (count, HEIGHT, WIDTH) of a segment.

    Raises ValueError for frames of another size.
    """
    quarters = frames.astype(np.float32).reshape(-1, ROWS, 2, CELL // 2, COLUMNS, 2, CELL // 2)
    activity, light = quarters.std(axis=(3, 6)).mean(axis=0).min(axis=(1, 3)), quarters.mean(axis=(0, 2, 3, 5, 6))
    hiding = np.where(light < DARK, 0.0, activity)
    return np.where(hiding >= max(PLAIN, np.quantile(hiding, 1 - SHARE)), LEVELS, 0.0)
