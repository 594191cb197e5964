"""Reads rows of a history; what is wrong is kept apart, with the reason."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from marquee.contracts.errors import InvalidInput
from marquee.viewing.history.layout import Layout
from marquee.viewing.history.tables import Batch, batches, column, needed

FIRST_MS, LAST_MS = 0, 4_102_444_800_000  # 1970 to 2100
SECONDS_UNTIL = 100_000_000_000  # a greater timestamp is one in ms: as seconds it were in the year 5138
MOST_SECONDS = 10 * 86_400
LEAST_RATING, BEST_RATING = 0.5, 5.0


@dataclass(frozen=True)
class Seen:
    """A good row."""

    line: int
    user: str
    item: str
    at_ms: int
    watched_ms: int | None
    rating: float | None


@dataclass(frozen=True)
class Reject:
    """A bad one."""

    line: int
    reason: str


class Rows:
    """The interactions of a layout. Raises InvalidInput when a column is missing."""

    def __init__(self, layout: Layout) -> None:
        self._part, wanted = layout.interactions, layout.columns
        self._user, self._item = needed(self._part, "user", wanted), needed(self._part, "item", wanted)
        self._time = needed(self._part, "timestamp", wanted)
        self._seconds = column(self._part, "seconds", wanted)
        self._rating = column(self._part, "rating", wanted)
        if self._seconds is None and self._rating is None:
            where = str(self._part.path)
            raise InvalidInput("no column says how much or how well", where=where, expected="seconds or rating")

    def __iter__(self) -> Iterator[tuple[list[Seen], list[Reject]]]:
        for batch in batches(self._part):
            yield self._judged(batch)

    def _judged(self, batch: Batch) -> tuple[list[Seen], list[Reject]]:
        good: list[Seen] = []
        bad = [Reject(line, reason) for line, reason in batch.short]
        for line, fields in zip(batch.lines, batch.rows, strict=True):
            try:
                good.append(self._row(line, fields))
            except ValueError as error:
                bad.append(Reject(line, str(error)))
        return good, sorted(bad, key=lambda reject: reject.line)

    def _row(self, line: int, fields: list[str | None]) -> Seen:
        user, item = fields[self._user], fields[self._item]
        if user is None or item is None:
            raise ValueError(f"{'user' if user is None else 'item'} is missing")
        seconds = None if self._seconds is None else _number("seconds", fields[self._seconds], 0, MOST_SECONDS)
        rating = None if self._rating is None else fields[self._rating]
        if rating is None and seconds is None:
            raise ValueError("rating is missing" if self._seconds is None else "seconds is missing")
        return Seen(
            line=line,
            user=user,
            item=item,
            at_ms=_time(fields[self._time]),
            watched_ms=None if seconds is None else round(seconds * 1000),
            rating=None if rating is None else _number("rating", rating, LEAST_RATING, BEST_RATING),
        )


def _number(what: str, text: str | None, low: float, high: float) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{what}: expected a number, got {text[:40]!r}") from None
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"{what}: expected {low} to {high}, got {text[:40]}")
    return value


def _time(text: str | None) -> int:
    """Unix seconds, milliseconds, or a date and time as ISO 8601 writes it, in UTC where no zone is given."""
    if text is None:
        raise ValueError("timestamp is missing")
    try:
        number = float(text)
        at = round(number) if abs(number) >= SECONDS_UNTIL else round(number * 1000)
    except (ValueError, OverflowError):
        at = _iso(text)
    if not FIRST_MS <= at < LAST_MS:
        raise ValueError(f"timestamp: expected 1970 to 2100, got {text[:40]}")
    return at


def _iso(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"timestamp: expected seconds, milliseconds or a date, got {text[:40]!r}") from None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
