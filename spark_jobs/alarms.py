"""Alarms: from the figures of each minute, those of the minutes before it, and whether an alarm was raised then.

What comes out are figures of the minute as well: `alarm:<name>` is 1 where it is raised, `rate:<name>` the share that
it goes by. The same figures give the same alarms, however often a minute is seen.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from marquee.contracts.alarms import ALARM, ERROR, RATE, REBUFFERING, START_FAILURES, WINDOW_MIN, Alarm, named, of_error

Figure = tuple[datetime, str, str, float]  # minute, metric, edge, value
WINDOW, REMEMBERED = timedelta(minutes=WINDOW_MIN), timedelta(hours=1)
READ = "select minute, metric, edge, value from live_metrics where minute > %s"


def alarms(cursor: Any, since: datetime) -> list[Figure]:
    """The alarms of all minutes from `since` on, by what the table of live figures holds."""
    cursor.execute(READ, (since - REMEMBERED - WINDOW,))
    return list(judged(cursor.fetchall(), since))


def judged(figures: list[Figure], since: datetime) -> Iterator[Figure]:
    """The alarms of the minutes from `since` on. What figures say of alarms before then is what was raised."""
    edges: dict[str, dict[datetime, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for minute, metric, edge, value in figures:
        if minute < since or not metric.startswith((ALARM, RATE)):
            edges[edge][minute][metric] = value
    for minute in sorted({figure[0] for figure in figures if figure[0] >= since}):
        for edge, known in edges.items():
            yield from _of_minute(minute, edge, known)


def _of_minute(minute: datetime, edge: str, known: dict[datetime, dict[str, float]]) -> Iterator[Figure]:
    sums = _sums(known, minute)
    before = max((earlier for earlier in known if earlier < minute), default=None)
    raised = (
        {metric for metric, value in known[before].items() if metric.startswith(ALARM) and value} if before else set()
    )
    for alarm in _alarms(sums, raised):
        rate, metric = alarm.rate(sums), f"{ALARM}{alarm.name}"
        stays = alarm.judge(sums, raised=metric in raised)
        known[minute][metric] = float(stays)
        yield minute, metric, edge, float(stays)
        if rate is not None:
            yield minute, f"{RATE}{alarm.name}", edge, rate


def _sums(known: dict[datetime, dict[str, float]], minute: datetime) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for at, figures in known.items():
        if minute - WINDOW < at <= minute:
            for metric, value in figures.items():
                sums[metric] += value
    return sums


def _alarms(sums: dict[str, float], raised: set[str]) -> list[Alarm]:
    """The two that there always are, and one for each error code that was seen or is raised."""
    codes = {metric.removeprefix(ERROR) for metric in sums if metric.startswith(ERROR)}
    others = {named(metric.removeprefix(ALARM)) for metric in raised} - {START_FAILURES, REBUFFERING}
    return [START_FAILURES, REBUFFERING, *sorted({of_error(code) for code in codes} | others, key=lambda a: a.name)]
