"""Reads one segment: whether the captured picture is, where the pattern says, brighter or darker than the film.

The film is known, so it is taken away first. What is left is added up over each cell, and the sums are held against the
keyed signs. A film without this watermark knows nothing of the signs, so the statistic exceeds t with a probability of
at most exp(-t²/2) on either side (Hoeffding 1963, for sums with random signs).
"""

import numpy as np
from scipy.ndimage import gaussian_filter

from marquee.content.media.watermark.area import Area, cut, matched
from marquee.content.media.watermark.frames import Frames
from marquee.content.media.watermark.pattern import Plane, gathered

CLIP = 8.0  # levels: what differs more is something else
BROAD = 12.0  # pixels: wider differences are light and colour, not pattern
MOST_CELL = 2.0  # times the median, that one cell counts
REACH = 1  # frames earlier or later, that may fit better


def difference(captured: Frames, programme: Frames, area: Area) -> Plane:
    """The mean of what is left of captured frames without the programme's, each beside the neighbour that fits best.

    `programme` begins REACH frames earlier and ends as many later.
    """
    film = [cut(each.astype(np.float32), area) for each in programme]
    total = np.zeros(captured.shape[1:], np.float32)
    for n, frame in enumerate(captured):
        left = [matched(frame.astype(np.float32), each) for each in film[n : n + 2 * REACH + 1]]
        total += np.clip(min(left, key=lambda each: float(np.abs(each).sum())), -CLIP, CLIP)
    mean = total / len(captured)
    left_over: Plane = mean - gaussian_filter(mean, BROAD)
    return left_over


def statistic(left: Plane, pattern: Plane, area: Area) -> float:
    """How clearly a difference shows a pattern (rows, columns of signed strengths): above 0 as it is, below 0 reversed.

    At most the root of the number of cells with a pattern, in standard deviations of a film without it; 0 for none.
    """
    marked = pattern != 0
    cells = gathered(left, area)[marked]
    most = MOST_CELL * float(np.median(np.abs(cells))) if cells.size else 0.0
    clipped = np.clip(cells, -most, most)
    scale = float(np.sqrt((clipped**2).sum()))
    return float((clipped * np.sign(pattern[marked])).sum()) / scale if scale else 0.0
