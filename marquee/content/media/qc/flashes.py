"""A screen for flashing pictures. It looks at the whole picture's change only; it is not a Harding test."""

from collections import deque
from dataclasses import dataclass, field

from marquee.content.media.qc.filter_output import Stretch

# A change of a third of the picture's light between two frames. In units of ffmpeg's photosensitivity filter, where
# black to white over the whole picture is 3.2; cuts between ordinary shots stay below 1, motion far below.
TRANSITION = 0.3
# WCAG 2.3.1 and ITU-R BT.1702: more than three flashes, that is six changes, within any second.
WINDOW_S, ALLOWED = 1.0, 6


@dataclass
class Flashes:
    """Counts the changes of light in the second before each frame."""

    most: int = 0  # in the worst second
    found: list[Stretch] = field(default_factory=list)
    _recent: deque[float] = field(default_factory=deque)

    def see(self, time_s: float, change: float) -> None:
        if change < TRANSITION:
            return
        self._recent.append(time_s)
        while self._recent[0] <= time_s - WINDOW_S:
            self._recent.popleft()
        self.most = max(self.most, len(self._recent))
        if len(self._recent) > ALLOWED:
            start = self._recent[0]
            if self.found and self.found[-1][1] >= start:
                start = self.found.pop()[0]
            self.found.append((start, time_s))
