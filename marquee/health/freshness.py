"""How old what viewers and analysts see is: logs that wait to be shipped, marts, recommendations."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import select

from marquee.catalogue.models import Generation
from marquee.health.checks import Check, Part, State, duration, now, of_age
from marquee.health.database import asked
from marquee.settings import Settings
from marquee.viewing.warehouse.reading import published

UNSHIPPED_S = 2 * 3600.0  # shipped every hour
NIGHTLY_S = 36 * 3600.0
SEGMENTS = (".open", ".ndjson")


def parts(s: Settings) -> list[Part]:
    return [
        Part("Data", "events", partial(_log, "events", s.event_log)),
        Part("Data", "edge logs", partial(_log, "edge logs", s.edge_log)),
        Part("Data", "marts", _marts),
        Part("Data", "recommendations", partial(_recommendations, s)),
    ]


def _log(name: str, root: Path) -> Iterator[Check]:
    """What waits. A file that is being written counts from its last line on, so a busy one seems young."""
    waiting = [status for path in root.glob("*/*") if path.suffix in SEGMENTS and (status := _status(path))[1]]
    if not waiting:
        yield Check(name, State.OK, "nothing waits to be shipped")
        return
    oldest = (now() - datetime.fromtimestamp(min(waiting)[0], UTC)).total_seconds()
    said = f"{len(waiting)} files wait to be shipped, the oldest for {duration(oldest)}"
    yield Check(name, State.WARNING if oldest > UNSHIPPED_S else State.OK, said)


def _status(path: Path) -> tuple[float, int]:
    """Time of the last line and length; of a file that was shipped meanwhile, nothing."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0.0, 0
    return status.st_mtime, status.st_size


def _marts() -> Iterator[Check]:
    path = published()
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.is_file() else None
    yield of_age("marts", "made", at, NIGHTLY_S, never="not made yet")


def _recommendations(s: Settings) -> Iterator[Check]:
    with asked(s) as session:
        row = session.execute(select(Generation.model, Generation.created_at).where(Generation.live)).first()
    said = f"by {row.model}" if row else ""
    yield of_age("recommendations", said, row.created_at if row else None, NIGHTLY_S, never="none published yet")
