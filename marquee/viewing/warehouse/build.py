"""Builds the warehouse: the lake through dbt into one DuckDB file and a Parquet file per mart.

The file is built in a private place and takes the published name when every test has passed, so readers see one build
or the next, and a build that fails or is killed leaves the earlier one. The same lake gives the same Parquet bytes.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from marquee.contracts.errors import GateFailed
from marquee.logs import log
from marquee.settings import settings
from marquee.storage import Store
from marquee.viewing.warehouse import dbt, export
from marquee.viewing.warehouse.reading import NAME, folder, published

SHOWN = 5  # failing rows in an error's text


@dataclass(frozen=True)
class Built:
    """A published build: rows by mart, the days that were made anew (none: all of them), tests passed, wall seconds."""

    marts: dict[str, int]
    days: tuple[date, ...]
    tests: int
    seconds: float


def build(days: Collection[date] | None = None, *, as_of: date | None = None) -> Built:
    """Make the warehouse of what the lake holds, test it and publish it.

    `days` are those whose playbacks changed: daily tables are made anew for them and their neighbours, all else from
    all days. Without them, or when the models or the audience have changed since, everything is made anew. `as_of` is
    the day that charts end with: by default the last one with viewing. Builds wait for one another.

    Raises GateFailed, with the test and its first rows, when a test fails; what is published stays.
    """
    started = time.monotonic()
    with alone() as scratch:
        database = scratch / NAME
        wanted = _widened(days) if days is not None and _carried_on(database) else ()
        nodes = dbt.build(database, wanted, as_of)
        _judge(database, nodes)
        rows = export.write(database, dbt.marts(database), scratch / "marts")
        export.stamp(database, dbt.fingerprint())
        _publish(database, scratch / "marts")
    built = Built(rows, wanted, sum(node.kind == "test" for node in nodes), time.monotonic() - started)
    log.info("warehouse built", days=len(wanted) or "all", tests=built.tests, seconds=round(built.seconds, 1))
    return built


@contextmanager
def alone() -> Iterator[Path]:
    """The empty private folder of the one who builds; others wait. What a killed build left is removed."""
    scratch = folder() / ".building"
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _carried_on(database: Path) -> bool:
    """Begin with a copy of the published file, where it was made by the same models."""
    if not published().is_file() or export.stamped() != dbt.fingerprint():
        return False
    shutil.copyfile(published(), database)
    return True


def _widened(days: Collection[date]) -> tuple[date, ...]:
    """A day's ViewingSessions follow from the playbacks of two days before it to one day after."""
    return tuple(sorted({day + timedelta(days=n) for day in days for n in range(-1, 3)}))


def _judge(database: Path, nodes: list[dbt.Node]) -> None:
    failed = [node for node in nodes if node.failed]
    for node in failed:
        log.error("warehouse refused", kind=node.kind, name=node.name, failures=node.failures, message=node.message)
    if failed:
        worst = failed[0]
        rows = export.first_rows(database, worst.sql, SHOWN) if worst.status == "fail" else ""
        more = f"; and {len(failed) - 1} more: {', '.join(node.name for node in failed[1:])}" if failed[1:] else ""
        raise GateFailed(
            f"the {worst.kind} {worst.name} failed: {worst.message}{more}",
            where="dbt build",
            expected="every model made and every test passed",
            got=f"{worst.failures} rows, first {rows}" if rows else worst.status,
        )


def _publish(database: Path, marts: Path) -> None:
    """Marts first, then the file. A mart that has not changed is left alone."""
    store = Store(settings().warehouse)
    for file in sorted(marts.iterdir()):
        key = f"marts/{file.name}"
        if not store.exists(key) or store.read(key) != file.read_bytes():
            store.put(key, file)
    with database.open("rb") as content:
        os.fsync(content.fileno())
    database.replace(published())
