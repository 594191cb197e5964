"""Stretches of time in which something holds, from a flag for each moment."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from marquee.content.media.qc.filter_output import Stretch


def runs(
    times: Sequence[float], flags: ArrayLike, *, lasts_s: float, floor_s: float, gap_s: float = 0.0
) -> list[Stretch]:
    """Stretches of at least `floor_s` seconds in which the flags stand, each from its first moment to its last's end.

    `times` ascend, one per flag; a moment lasts `lasts_s`. Pauses of at most `gap_s` seconds do not end a stretch.
    """
    at = np.asarray(times, float)[np.asarray(flags, bool)]
    if not len(at):
        return []
    breaks = np.flatnonzero(np.diff(at) > lasts_s * 1.5 + gap_s) + 1
    parts = ((float(part[0]), float(part[-1]) + lasts_s) for part in np.split(at, breaks))
    return [part for part in parts if part[1] - part[0] >= floor_s]


def smooth(values: NDArray[np.floating], size: int) -> NDArray[np.floating]:
    """The mean over `size` values around each, fewer at the ends; as many values as there were."""
    kernel = np.ones(min(size, len(values)) or 1)
    return np.convolve(values, kernel, "same") / np.convolve(np.ones(len(values)), kernel, "same")
