"""Lays a title's windows out on a line of time; places and widths are percent of the line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from marquee.content.desk.sheet import TitleSheet
from marquee.contracts.title import Availability

BACK, AHEAD = timedelta(days=2 * 365), timedelta(days=3 * 365)  # what lies further away is cut at the line's ends
ALONE = timedelta(days=15)  # to each side of now where nothing has a moment
MOST_TICKS = 7
WIDE = 26  # from this width on the words stand inside a bar
HOURS = (6, 12, 24, 48, 7 * 24, 14 * 24)
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)
MONTH_D = 30.44
WORLD = "World"


@dataclass(frozen=True)
class Bar:
    """A window, or a part of one. `kind` is open, later, over, or held: within a window, and not shown yet.

    `words` say its ends; they stand `inside`, or `after` or `before` the bar, or nowhere.
    """

    left: float
    width: float
    kind: str
    words: str
    where: str


@dataclass(frozen=True)
class Row:
    """The territories of the same windows."""

    places: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Point:
    """A moment, and the word at it."""

    at: float
    word: str


@dataclass(frozen=True)
class TimeLine:
    """What is drawn. `summary` says the same in words."""

    rows: tuple[Row, ...]
    ticks: tuple[Point, ...]
    marks: tuple[Point, ...]
    summary: str


@dataclass(frozen=True)
class _Span:
    begins: datetime
    ends: datetime

    def place(self, at: datetime | None, beyond: float) -> float:
        """In percent; `beyond` where there is no moment."""
        if at is None:
            return beyond
        return round(min(max((at - self.begins) / (self.ends - self.begins), 0), 1) * 100, 2)


def drawn(title: TitleSheet, now: datetime) -> TimeLine:
    """The windows of a title as they stand at a moment; none opens before the title is shown."""
    windows = title.description.availability
    marks = [(now, "now")]
    if title.shown_from:
        marks.append((title.shown_from, f"shown from {said(title.shown_from)}"))
    if title.schedule:
        marks.append((title.schedule.at, f"release {title.schedule.release_id} from {said(title.schedule.at)}"))
    span = _span(now, [*(at for at, _ in marks), *(at for each in windows for at in (each.start, each.end) if at)])
    rows = tuple(_row(places, own, span, now, title.shown_from) for places, own in _by_places(windows))
    return TimeLine(
        rows=rows,
        ticks=tuple(_ticks(span)),
        marks=tuple(Point(span.place(at, 0), word) for at, word in marks),
        summary=" ".join(f"{row.places}: {'; '.join(bar.words for bar in row.bars)}." for row in rows),
    )


def said(at: datetime) -> str:
    """A moment in UTC, without the hour at midnight."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute) == (0, 0) else f"{at:%Y-%m-%d %H:%M}"


def _span(now: datetime, moments: Iterable[datetime]) -> _Span:
    known = sorted(moments)
    begins, ends = max(known[0], now - BACK), min(known[-1], now + AHEAD)
    margin = (ends - begins) / 10 or ALONE
    return _Span(begins - margin, ends + margin)


def _by_places(windows: Iterable[Availability]) -> list[tuple[str, list[Availability]]]:
    """Territories with the same windows together, the world first."""
    of: dict[str, list[Availability]] = {}
    for each in windows:
        for territory in each.territories:
            of.setdefault(territory, []).append(each)
    together: dict[tuple[tuple[datetime | None, datetime | None], ...], list[str]] = {}
    for territory, own in of.items():
        together.setdefault(tuple((each.start, each.end) for each in own), []).append(territory)
    rows = [(sorted(places), of[places[0]]) for places in together.values()]
    return [
        (", ".join(WORLD if p == "*" else p for p in places), own) for places, own in sorted(rows, key=lambda r: r[0])
    ]


def _row(places: str, windows: list[Availability], span: _Span, now: datetime, shown_from: datetime | None) -> Row:
    ordered = sorted(windows, key=lambda each: each.start or datetime.min.replace(tzinfo=UTC))
    alone = len(ordered) == 1
    return Row(places, tuple(bar for each in ordered for bar in _bars(each, span, now, shown_from, alone=alone)))


def _bars(each: Availability, span: _Span, now: datetime, shown_from: datetime | None, *, alone: bool) -> Iterator[Bar]:
    """A window as one bar, or as two where it opens before the title is shown."""
    left, right, words = span.place(each.start, 0), span.place(each.end, 100), _words(each.start, each.end)
    begins = each.start
    if shown_from and (each.start is None or each.start < shown_from):
        begins = min(shown_from, each.end) if each.end else shown_from
        cut = span.place(begins, 0)
        yield Bar(left, round(cut - left, 2), "held", f"not shown until {said(shown_from)}", "nowhere")
        left = cut
    width = round(right - left, 2)
    if width > 0 or begins == each.start:
        yield Bar(left, width, _kind(begins, each.end, now), words, _where(left, width, alone=alone))


def _kind(start: datetime | None, end: datetime | None, now: datetime) -> str:
    if end is not None and end <= now:
        return "over"
    return "later" if start is not None and start > now else "open"


def _where(left: float, width: float, *, alone: bool) -> str:
    if width >= WIDE:
        return "inside"
    if not alone:
        return "nowhere"
    return "after" if left + width <= 100 - WIDE else "before"


def _words(start: datetime | None, end: datetime | None) -> str:
    if start and end:
        return f"{said(start)} to {said(end)}"
    if start:
        return f"from {said(start)}"
    return f"until {said(end)}" if end else "always"


def _ticks(span: _Span) -> Iterator[Point]:
    """Round moments, few enough to be read."""
    for at, word in _round(span):
        if 3 <= (place := span.place(at, 0)) <= 95:
            yield Point(place, word)


def _round(span: _Span) -> Iterator[tuple[datetime, str]]:
    days = (span.ends - span.begins) / timedelta(days=1)
    for hours in HOURS:
        if days * 24 / hours <= MOST_TICKS:
            return _every(span, timedelta(hours=hours), "%-d %b" if hours % 24 == 0 else "%-d %b %H:%M")
    months = next((each for each in MONTHS if days / MONTH_D / each <= MOST_TICKS), MONTHS[-1])
    return _every_month(span, months, "%b %Y" if months % 12 else "%Y")


def _every(span: _Span, step: timedelta, form: str) -> Iterator[tuple[datetime, str]]:
    origin = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday
    at = origin + ((span.begins - origin) // step + 1) * step
    while at < span.ends:
        yield at, f"{at:{form}}"
        at += step


def _every_month(span: _Span, step: int, form: str) -> Iterator[tuple[datetime, str]]:
    begins = span.begins.astimezone(UTC)
    number = -(-(begins.year * 12 + begins.month) // step) * step
    while (at := datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)) < span.ends:
        yield at, f"{at:{form}}"
        number += step
