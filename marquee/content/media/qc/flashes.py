"""A screen for flashing pictures by WCAG 2.2 (2.3.1) and ITU-R BT.1702. It is a screen, not a Harding test."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from marquee.content.media.qc.cells import Cells, Values, luminance, redness
from marquee.content.media.qc.filter_output import Stretch
from marquee.content.media.qc.timing import TICK_S

# WCAG: a flash is a pair of opposing changes of relative luminance by a tenth of its maximum or more, where the darker
# is below 0.8; for saturated red of more than 20 in (R - G - B) × 320. BT.1702 has 20 of 200 cd/m² and 160 cd/m².
LUMINANCE_STEP, DARKER = 0.1, 0.8
RED_STEP = 20.0
WINDOW_S, ALLOWED = 1.0, 6  # more than three flashes, that is six changes, within any second
AREA = 0.25  # of the picture that flashes at the same time
BATCH = 512  # frames


@dataclass
class Changes:
    """Counts opposing changes of each cell in the second before each frame."""

    step: float
    below: float = np.inf
    high: Values | None = None
    low: Values | None = None
    rising: NDArray[np.int8] | None = None  # 1 after a rise, -1 after a fall, 0 before the first
    counts: NDArray[np.int64] | None = None
    recent: "deque[tuple[float, NDArray[np.bool_]]]" = field(default_factory=deque)

    def see(self, time_s: float, values: Values) -> int:
        """The changes that at least a quarter of the cells have made within the last second."""
        if self.high is None or self.low is None or self.rising is None or self.counts is None:
            self.high, self.low = values.copy(), values.copy()
            self.rising, self.counts = np.zeros(len(values), np.int8), np.zeros(len(values), np.int64)
            return 0
        np.maximum(self.high, values, out=self.high)
        np.minimum(self.low, values, out=self.low)
        fell = (self.rising >= 0) & (self.high - values >= self.step) & (values < self.below)
        rose = (self.rising <= 0) & (values - self.low >= self.step) & (self.low < self.below)
        self.rising[fell], self.rising[rose] = -1, 1
        changed = fell | rose
        self.high[changed] = self.low[changed] = values[changed]
        return self._counted(time_s, changed)

    @property
    def span(self) -> Stretch:
        """When the counted changes began and ended: the first and last of a good part of the picture."""
        least = AREA / 2 * self.recent[0][1].size
        times = [time_s for time_s, changed in self.recent if changed.sum() >= least]
        return (times or [self.recent[0][0]])[0], (times or [self.recent[-1][0]])[-1]

    def _counted(self, time_s: float, changed: NDArray[np.bool_]) -> int:
        assert self.counts is not None  # noqa: S101 (set with the first frame)
        if changed.any():
            self.recent.append((time_s, changed))
            self.counts += changed
        while self.recent and self.recent[0][0] <= time_s - WINDOW_S + TICK_S:
            self.counts -= self.recent.popleft()[1]
        if not self.recent:
            return 0
        place = len(self.counts) - int(np.ceil(AREA * len(self.counts)))
        return int(np.partition(self.counts, place)[place])


@dataclass
class Flashes:
    """The worst second's changes, and the stretches with more than are allowed."""

    most: int = 0
    found: list[Stretch] = field(default_factory=list)

    def see(self, changes: int, seen: Changes) -> None:
        self.most = max(self.most, changes)
        if changes > ALLOWED:
            start, end = seen.span
            if self.found and self.found[-1][1] >= start:
                start = self.found.pop()[0]
            self.found.append((start, end))


def flashes(times: Sequence[float], frames: Cells) -> Flashes:
    """Screen a picture; `times` are the frames' container seconds."""
    light, red, found = Changes(LUMINANCE_STEP, DARKER), Changes(RED_STEP), Flashes()
    for first in range(0, len(frames), BATCH):
        batch = np.asarray(frames[first : first + BATCH])
        rows = zip(times[first : first + BATCH], luminance(batch), redness(batch), strict=True)
        for time_s, lit, reds in rows:
            found.see(light.see(time_s, lit), light)
            found.see(red.see(time_s, reds), red)
    return found
