"""How old what viewers and analysts see is: the logs that wait to be shipped, the marts, the recommendations."""

import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Metric
from sqlalchemy import func, select

from marquee.catalogue.database import begin
from marquee.catalogue.models import Generation
from marquee.monitoring.parts import gauge, single
from marquee.settings import settings
from marquee.viewing.eventlog.files import CLOSED, OPEN
from marquee.viewing.warehouse.reading import published


def read_logs() -> Iterator[Metric]:
    """Of the event log and the edges' logs: bytes that wait, and the age of the oldest file that has any."""
    age = gauge("log_age_seconds", "Since the oldest line that was not shipped, to half a minute", "log")
    size = gauge("log_waiting_bytes", "What was not shipped", "log")
    for name, root in (("events", settings().event_log), ("edges", settings().edge_log)):
        waiting = _waiting(root)
        oldest = min((written for written, _ in waiting), default=None)
        age.add_metric([name], 0.0 if oldest is None else max(0.0, time.time() - oldest))
        size.add_metric([name], sum(length for _, length in waiting))
    yield from (age, size)


def read_marts() -> Iterator[Metric]:
    """The age of the warehouse's published file; no sample before the first."""
    path = published()
    age = time.time() - path.stat().st_mtime if path.is_file() else None
    yield single("marts_age_seconds", "Since the marts were made", age)


def read_model() -> Iterator[Metric]:
    """The age of the recommendations that are served; no sample before the first."""
    seconds = func.extract("epoch", func.now() - Generation.created_at)
    with begin() as session:
        age = session.scalar(select(seconds).where(Generation.live))
    yield single("recommendations_age_seconds", "Since they were made", None if age is None else float(age))


def _waiting(root: Path) -> list[tuple[float, int]]:
    """Last line (Unix time) and length of every file that was not shipped; one that goes meanwhile is left out."""
    found = []
    for path in (path for path in root.glob("*/*") if path.suffix in (OPEN, CLOSED)):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        if stat.st_size:
            found.append((stat.st_mtime, stat.st_size))
    return found
