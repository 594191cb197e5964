"""Live figures for Prometheus: the newest minute of the streaming job."""

import threading
import time
from collections.abc import Iterable, Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from marquee.catalogue import live
from marquee.catalogue.database import begin
from marquee.contracts.alarms import ALARM

KEPT_S = 10.0  # figures change once a minute; scrapes come from several servers
Figures = tuple[tuple[str, str, float], ...]


class LiveFigures(Collector):
    """`marquee_live{metric, edge}` and `marquee_alarm{alarm, edge}`, which is 1 while an alarm is raised.

    Every API process tells the same, so take the maximum over them.

    None are told when the newest are older than five minutes, or the database does not answer: a scrape never fails.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._figures: Figures = ()

    def describe(self) -> Iterable[Metric]:
        """Known without a look at the database."""
        return list(_families())

    def collect(self) -> Iterator[Metric]:
        """The gauges, read anew at most every ten seconds."""
        figures, alarms = _families()
        for metric, edge, value in self._current():
            family = alarms if metric.startswith(ALARM) else figures
            family.add_metric([metric.removeprefix(ALARM), edge], value)
        yield from (figures, alarms)

    def _current(self) -> Figures:
        with self._lock:
            if time.monotonic() - self._read_at >= KEPT_S:
                self._figures = _read()
                self._read_at = time.monotonic()
            return self._figures


def _families() -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
    return (
        GaugeMetricFamily("marquee_live", "What is being watched this minute", labels=("metric", "edge")),
        GaugeMetricFamily("marquee_alarm", "1 while viewers' experience is alarming", labels=("alarm", "edge")),
    )


def _read() -> Figures:
    try:
        with begin() as session:
            return tuple((row.metric, row.edge, row.value) for row in live.newest(session))
    except SQLAlchemyError:
        return ()
