"""What a check says, and the words in which it says it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class State(StrEnum):
    """How a part is. `unknown`: there is nothing yet by which to tell, which is no fault."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    DOWN = "down"


RANK = {state: rank for rank, state in enumerate(State)}  # the worst last


@dataclass(frozen=True)
class Check:
    """What is known of one thing. `at` is when the figure was true, where that is not now."""

    name: str
    state: State
    said: str
    at: datetime | None = None


@dataclass(frozen=True)
class Part:
    """Something that can be asked about; `ask` may raise what report.AWAY names, and has time limits of its own."""

    group: str
    name: str
    ask: Callable[[], Iterable[Check]]


def now() -> datetime:
    return datetime.now(UTC)


def of_age(name: str, said: str, at: datetime | None, late_s: float, never: str = "never") -> Check:
    """A check of something that is done again and again: late from an age in seconds on."""
    if at is None:
        return Check(name, State.UNKNOWN, never)
    late = (now() - at).total_seconds() > late_s
    return Check(name, State.WARNING if late else State.OK, said, at)


def duration(seconds: float) -> str:
    """A length of time in one or two words: `40 s`, `12 min`, `3 h`, `5 days`."""
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def size(count: float) -> str:
    """Bytes in decimal units."""
    for unit, length in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{count / 1000:.0f} kB"
