"""The parts of the platform that have figures, and the collector that asks them all.

A part that cannot be read says so in `marquee_part_up` and costs no other its figures: a scrape never fails.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import psycopg
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, TextClause
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from marquee.contracts.errors import MarqueeError
from marquee.logs import log

Part = Callable[[], Iterable[Metric]]
"""Reads figures. May raise what AWAY names."""

AWAY = (OSError, SQLAlchemyError, psycopg.Error, MarqueeError)


class Platform(Collector):
    """The figures of all parts, read anew at each scrape."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts

    def describe(self) -> Iterable[Metric]:
        """Nothing: what there is shows when it is asked for."""
        return ()

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("marquee_part_up", "1 where a part's figures could be read", labels=["part"])
        seconds = GaugeMetricFamily("marquee_part_seconds", "Time to read a part's figures", labels=["part"])
        for name, part in self._parts.items():
            began = time.perf_counter()
            found = _read(name, part)
            up.add_metric([name], float(found is not None))
            seconds.add_metric([name], time.perf_counter() - began)
            yield from found or ()
        yield from (up, seconds)


def gauge(name: str, help_: str, *labels: str) -> GaugeMetricFamily:
    """A figure of the platform, `marquee_<name>`."""
    return GaugeMetricFamily(f"marquee_{name}", help_, labels=labels)


def single(name: str, help_: str, value: float | None) -> GaugeMetricFamily:
    """A figure without labels; it has no sample where there is no value."""
    family = gauge(name, help_)
    if value is not None:
        family.add_metric([], value)
    return family


def rows(at: Connection | Session, query: TextClause) -> list[tuple[Any, ...]]:
    """The rows of a query that has no types of its own."""
    return [tuple(row) for row in at.execute(query)]


def _read(name: str, part: Part) -> list[Metric] | None:
    try:
        return list(part())
    except AWAY as error:
        log.warning("figures not read", part=name, error=type(error).__name__)
        return None
