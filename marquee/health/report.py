"""Asks all parts at once, and waits for none longer than a few seconds."""

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from marquee.contracts.errors import MarqueeError
from marquee.health.checks import RANK, Check, Part, State, now
from marquee.logs import log

PATIENCE_S = 5.0
KEPT_S = 5.0  # however many look at the page, parts are asked so often and no oftener
AWAY = (OSError, SQLAlchemyError, psycopg.Error, MarqueeError, ValueError, KeyError)


@dataclass(frozen=True)
class Group:
    """Checks that belong together."""

    name: str
    checks: tuple[Check, ...]

    @property
    def state(self) -> State:
        """That of its worst check."""
        return _worst(check.state for check in self.checks)


@dataclass(frozen=True)
class Report:
    """All that was asked, and when."""

    at: datetime
    groups: tuple[Group, ...]

    @property
    def state(self) -> State:
        return _worst(group.state for group in self.groups)


def report(parts: Sequence[Part], patience_s: float = PATIENCE_S) -> Report:
    """What all parts say within the time; of those that say nothing, that they do not answer."""
    answers: list[tuple[Check, ...] | None] = [None] * len(parts)

    def ask(place: int) -> None:
        answers[place] = _answer(parts[place])

    began = time.monotonic()
    threads = [threading.Thread(target=ask, args=(place,), daemon=True) for place in range(len(parts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, began + patience_s - time.monotonic()))
    silent = f"does not answer within {patience_s:.0f} s"
    told = [
        (part, answer or (Check(part.name, State.DOWN, silent),)) for part, answer in zip(parts, answers, strict=True)
    ]
    names = dict.fromkeys(part.group for part in parts)
    groups = (Group(name, tuple(c for part, each in told if part.group == name for c in each)) for name in names)
    return Report(now(), tuple(groups))


class Recent:
    """The report of a moment ago, for a page that many people look at."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[float, Report] | None = None

    def report(self, parts: Sequence[Part]) -> Report:
        """The kept report, or a new one; who comes meanwhile waits for the same one."""
        with self._lock:
            if not self._kept or time.monotonic() > self._kept[0] + KEPT_S:
                made = report(parts)
                self._kept = time.monotonic(), made
            return self._kept[1]


def _answer(part: Part) -> tuple[Check, ...]:
    try:
        return tuple(part.ask())
    except AWAY as error:
        log.warning("health not known", part=part.name, error=type(error).__name__)
        return (Check(part.name, State.DOWN, _why(error)),)


def _why(error: Exception) -> str:
    """What kind of error it is: its message may quote an address with a password."""
    if isinstance(error, OperationalError | psycopg.OperationalError):
        return "the database does not answer"
    return f"cannot be asked: {error.what if isinstance(error, MarqueeError) else type(error).__name__}"


def _worst(states: Iterable[State]) -> State:
    return max(states, key=RANK.__getitem__, default=State.UNKNOWN)
