"""Kept runs of the checkpoints: result as JSON, finished page, failing rows as CSV; in the work store.

Rows are named by the ids of sessions and titles, never by those of viewers.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from marquee.contracts.errors import NotFound
from marquee.settings import settings
from marquee.storage import Store
from marquee.viewing.expectations import limits, page
from marquee.viewing.expectations.rules import CheckpointReport

FOLDER = "expectations"
NAME = re.compile(r"\d{8}T\d{9}Z-(events|sessions|marts)")
RULE = re.compile(r"[a-z0-9_]{1,80}")


def _store() -> Store:
    return Store(settings().work, cache=settings().home / "cache" / "work")


@dataclass(frozen=True)
class Run:
    """One look that is being kept. Readers see it once `finish` has written its result."""

    name: str

    def keep_rows(self, rule: str, rows: bytes) -> None:
        """Keep the rows that break a rule, as CSV."""
        _store().write(f"{FOLDER}/{self.name}/rows/{rule}.csv", rows)

    def finish(self, report: CheckpointReport) -> None:
        """Write page and result, and forget the oldest runs."""
        store = _store()
        store.write(f"{FOLDER}/{self.name}/report.html", page.render(report).encode())
        store.write(f"{FOLDER}/{self.name}/report.json", report.model_dump_json(indent=1).encode())
        for old in names()[limits.KEPT_RUNS :]:
            store.delete(f"{FOLDER}/{old}")


def new(checkpoint: str) -> Run:
    """A run of a name that sorts by time."""
    now = time.time()
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S")
    return Run(f"{stamp}{int(now * 1000) % 1000:03d}Z-{checkpoint}")


def names() -> list[str]:
    """All finished runs, newest first."""
    finished = (key.split("/")[1] for key in _store().keys(FOLDER) if key.endswith("/report.json"))
    return sorted(finished, reverse=True)


def load(run: str) -> CheckpointReport:
    """A finished run's result. Raises NotFound."""
    return CheckpointReport.model_validate_json(_store().read(f"{FOLDER}/{_known(run)}/report.json"))


def html(run: str) -> str:
    """A finished run's page. Raises NotFound."""
    return _store().read(f"{FOLDER}/{_known(run)}/report.html").decode()


def rows(run: str, rule: str) -> bytes:
    """The rows that break a rule, as CSV, up to `FRAME_ROWS`. Raises NotFound."""
    if not RULE.fullmatch(rule):
        raise NotFound("no such expectation", where="rule", got=repr(rule))
    return _store().read(f"{FOLDER}/{_known(run)}/rows/{rule}.csv")


def _known(run: str) -> str:
    if not NAME.fullmatch(run):
        raise NotFound("no such run", where="run", got=repr(run))
    return run
