"""What a codec saves on a title, as far as its search can tell."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from marquee.contracts.ladder import Point

Floats = npt.NDArray[np.float64]
STEP = 0.5  # VMAF points between the qualities that are compared


def saving(hull: Sequence[Point], other: Sequence[Point], *, worst: float, best: float) -> float | None:
    """The share of the other hull's rate that a hull saves, below 0 where it is dearer, none where they do not meet.

    The mean of the logarithms of both rates over the qualities between `worst` and `best` (VMAF) that both reach, as a
    Bjontegaard rate has it, along straight lines between the vertices.
    """
    low = max(worst, hull[0].vmaf, other[0].vmaf)
    high = min(best, hull[-1].vmaf, other[-1].vmaf)
    if high <= low:
        return None
    qualities = np.arange(low, high, STEP)
    return 1 - float(np.exp(np.mean(_rates(hull, qualities) - _rates(other, qualities))))


def _rates(hull: Sequence[Point], qualities: Floats) -> Floats:
    """Logarithms of the rates at which a hull has these qualities."""
    return np.interp(qualities, [point.vmaf for point in hull], np.log([point.kbps for point in hull]))
