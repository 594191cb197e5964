"""What stands before and after a programme on tape and is no part of it: colour bars, slates, line-up tone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from marquee.content.media.qc.cells import Cells
from marquee.content.media.qc.commands import CELL_COLUMNS
from marquee.content.media.qc.filter_output import Stretch
from marquee.content.media.qc.runs import runs

# White, yellow, cyan, green, magenta, red, blue (black) as bits of red, green and blue: SMPTE EG 1 and RP 219, ITU-R
# BT.471.
BARS = np.array([[1, 1, 1], [1, 1, 0], [0, 1, 1], [0, 1, 0], [1, 0, 1], [1, 0, 0], [0, 0, 1], [0, 0, 0]], bool)
UPPER_ROWS = 6  # of 12: below lie other patterns
EVEN, BRIGHT = 24, 100  # levels of 255: a bar's rows differ by no more; its brightest reaches at least
LEAST_BARS_S = 1.0
SLATE_S = 3.0
JOIN_S = 0.5  # between the parts of a leader, and before or after it
BATCH = 512


def _columns(bars: int, margin: float = 0.0) -> list[int]:
    """The columns of cells in the middle of each of so many bars; `margin` columns are free on both sides."""
    width = (CELL_COLUMNS - 2 * margin) / bars
    return [int(margin + (n + 0.5) * width) for n in range(bars)]


LAYOUTS = (_columns(7), _columns(8), _columns(7, margin=CELL_COLUMNS / 8))


def colour_bars(times: Sequence[float], frames: Cells, step_s: float) -> list[Stretch]:
    """Stretches of colour bars, in container seconds."""
    flags = [_bars(np.asarray(frames[n : n + BATCH, :UPPER_ROWS], np.int16)) for n in range(0, len(frames), BATCH)]
    return runs(times, np.concatenate(flags), lasts_s=step_s, floor_s=LEAST_BARS_S) if flags else []


def _bars(upper: NDArray[np.int16]) -> NDArray[np.bool_]:
    found = np.zeros(len(upper), bool)
    for columns in LAYOUTS:
        bars = upper[:, :, columns]
        colours = bars.mean(axis=1)
        high = colours.max(axis=(1, 2))
        even = (bars.max(axis=1) - bars.min(axis=1)).max(axis=(1, 2)) <= EVEN
        right = ((colours > high[:, None, None] / 2) == BARS[: len(columns)]).all(axis=(1, 2))
        found |= even & right & (high >= BRIGHT)
    return found


def at_ends(found: Sequence[Stretch], fillers: Sequence[Stretch], start_s: float, end_s: float) -> list[Stretch]:
    """Those stretches that belong to a leader or a trailer: nothing but they and `fillers` is before or after them.

    Where they fill the whole programme there is none.
    """
    chain = sorted([*found, *fillers])
    head, tail = start_s, end_s
    for a, b in chain:
        if a <= head + JOIN_S:
            head = max(head, b)
    for a, b in sorted(chain, key=lambda stretch: -stretch[1]):
        if b >= tail - JOIN_S:
            tail = min(tail, a)
    if head >= tail:
        return []
    return [(a, b) for a, b in found if b <= head or a >= tail]


def slates(still: Sequence[Stretch], fillers: Sequence[Stretch], start_s: float, end_s: float) -> list[Stretch]:
    """Still pictures that stand at the head or the tail."""
    long = [(a, b) for a, b in still if b - a >= SLATE_S]
    return at_ends(long, fillers, start_s, end_s)
