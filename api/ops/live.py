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

KEPT_S = 10.0  # figures change once a minute; scrapes come from several servers
Figures = tuple[tuple[str, str, float], ...]


class LiveFigures(Collector):
    """`marquee_live{metric, edge}`; every API process tells the same, so take the maximum over them.

    None are told when the newest are older than five minutes, or the database does not answer: a scrape never fails.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._figures: Figures = ()

    def describe(self) -> Iterable[Metric]:
        """Known without a look at the database."""
        return [_family()]

    def collect(self) -> Iterator[Metric]:
        """The gauge, read anew at most every ten seconds."""
        family = _family()
        for metric, edge, value in self._current():
            family.add_metric([metric, edge], value)
        yield family

    def _current(self) -> Figures:
        with self._lock:
            if time.monotonic() - self._read_at >= KEPT_S:
                self._figures = _read()
                self._read_at = time.monotonic()
            return self._figures


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily("marquee_live", "What is being watched this minute", labels=("metric", "edge"))


def _read() -> Figures:
    try:
        with begin() as session:
            return tuple((row.metric, row.edge, row.value) for row in live.newest(session))
    except SQLAlchemyError:
        return ()
