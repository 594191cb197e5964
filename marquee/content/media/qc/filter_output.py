"""What ffmpeg's metadata filters print, as frames with values, and the stretches that its detectors mark."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

HEADER = re.compile(r"^frame:\d+\s+pts:\S+\s+pts_time:(\S+)$")
SHORTEST_S = 3.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame's time in container seconds (none when it has no timestamp) and its metadata by key."""

    time_s: float | None
    values: dict[str, str]

    def number(self, key: str) -> float | None:
        """A value as a number, or none where it is absent or not one."""
        try:
            return float(self.values[key])
        except (KeyError, ValueError):
            return None


class FrameReader:
    """Gathers printed lines into frames and hands each to `see` when it is whole. Unknown lines are passed over."""

    def __init__(self, see: Callable[[Frame], None]) -> None:
        self._see = see
        self._frame: Frame | None = None

    def line(self, text: str) -> None:
        if header := HEADER.match(text):
            self.close()
            self._frame = Frame(_time(header[1]), {})
        elif self._frame and text.startswith("lavfi."):
            key, _, value = text.removeprefix("lavfi.").partition("=")
            self._frame.values[key] = value

    def close(self) -> None:
        """Hand over the last frame."""
        if self._frame:
            self._see(self._frame)
        self._frame = None


def _time(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


Stretch = tuple[float, float]


@dataclass
class Stretches:
    """Stretches of time from the start and end marks of one detector."""

    start_key: str
    end_key: str
    done: list[Stretch] = field(default_factory=list)
    open_s: float | None = None

    def see(self, frame: Frame) -> None:
        start, end = frame.number(self.start_key), frame.number(self.end_key)
        if self.open_s is None and start is not None:
            self.open_s, start = start, None
        if end is not None and self.open_s is not None:
            self.done.append((self.open_s, end))
            self.open_s = None
        if start is not None:
            self.open_s = start

    def until(self, end_s: float, *, floor_s: float) -> list[Stretch]:
        """All stretches of at least `floor_s` seconds; detectors never mark the end of one that the file's end cuts."""
        last = [(self.open_s, end_s)] if self.open_s is not None else []
        return [(start, end) for start, end in self.done + last if end - start >= floor_s]


def longest(stretches: list[Stretch]) -> float:
    return max((end - start for start, end in stretches), default=0.0)


def share(stretches: list[Stretch], length_s: float) -> float | None:
    """The part of a length that stretches take; none for a clip too short to be judged as a whole."""
    return sum(end - start for start, end in stretches) / length_s if length_s >= SHORTEST_S else None


def without(stretches: list[Stretch], covers: list[Stretch]) -> list[Stretch]:
    """Those stretches that are not, for nine tenths of their length, inside one of the covers."""

    def covered(start: float, end: float) -> bool:
        return any(min(end, b) - max(start, a) >= 0.9 * (end - start) for a, b in covers)

    return [s for s in stretches if not covered(*s)]
