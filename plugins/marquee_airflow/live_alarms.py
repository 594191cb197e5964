"""What the live page says of alarms and of error codes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from marquee.catalogue.live import ALL_EDGES
from marquee.catalogue.models import LiveMetric
from marquee.contracts.alarms import ALARM, ERROR, RATE, REBUFFERING, START_FAILURES, WINDOW_MIN, Alarm, named
from marquee.viewing.insights import formatting

WORDS = {START_FAILURES.name: "Start failures", REBUFFERING.name: "Rebuffering"}


@dataclass(frozen=True)
class Raised:
    """An alarm that is raised: of what, where, the share now, since when, and at which shares it goes on and off."""

    what: str
    edge: str
    now: str
    since: str
    raised_at: str
    cleared_at: str


def raised(rows: Sequence[LiveMetric], newest: datetime | None) -> list[Raised]:
    """The alarms of the newest minute, those about all edges first."""
    shares = {(row.metric, row.edge): row.value for row in rows if row.minute == newest}
    found = sorted(
        (edge != ALL_EDGES, edge, metric) for (metric, edge), on in shares.items() if metric.startswith(ALARM) and on
    )
    return [_line(named(metric.removeprefix(ALARM)), edge, rows, shares) for _, edge, metric in found]


def error_codes(rows: Sequence[LiveMetric], newest: datetime | None) -> list[tuple[str, str, str]]:
    """Edge, code and how often it was told in the last minutes: sessions of each minute, added up; the most first."""
    counted: Counter[tuple[str, str]] = Counter()
    for row in rows:
        recent = newest is not None and row.minute > newest - timedelta(minutes=WINDOW_MIN)
        if recent and row.edge != ALL_EDGES and row.metric.startswith(ERROR):
            counted[row.edge, row.metric.removeprefix(ERROR)] += round(row.value)
    return [(edge, code, formatting.whole(times)) for (edge, code), times in counted.most_common()]


def _line(alarm: Alarm, edge: str, rows: Sequence[LiveMetric], shares: dict[tuple[str, str], float]) -> Raised:
    rate = shares.get((f"{RATE}{alarm.name}", edge))
    return Raised(
        what=WORDS.get(alarm.name) or f"Error {alarm.name.removeprefix(ERROR)}",
        edge="all edges" if edge == ALL_EDGES else edge,
        now=formatting.percent(rate, 2),
        since=_since(f"{ALARM}{alarm.name}", edge, rows),
        raised_at=formatting.axis_percent(alarm.raise_at),
        cleared_at=formatting.axis_percent(alarm.clear_at),
    )


def _since(metric: str, edge: str, rows: Sequence[LiveMetric]) -> str:
    """The minute from which on it has been raised; the hour that the page knows may begin after that."""
    own = sorted((row.minute, row.value) for row in rows if (row.metric, row.edge) == (metric, edge))
    quiet = max((n for n, (_, value) in enumerate(own) if not value), default=-1)
    begun = own[quiet + 1][0].astimezone(UTC).strftime("%H:%M")
    return begun if quiet >= 0 else f"{begun} or before"
