"""An event log and a lake of the test's own, and lines to put into them."""

import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from marquee.contracts.events import BrowseEvent, PlayerEvent
from marquee.contracts.ids import EPOCH_MS
from marquee.contracts.lake import TABLES
from marquee.settings import settings
from marquee.viewing import lake
from marquee.viewing.eventlog.lines import browse_line, context_part, dead_letter_line, player_line
from marquee.viewing.eventlog.writer import Writer

NOON_MS = 1_790_000_000_000 // 86_400_000 * 86_400_000 + 43_200_000  # of a day
VIEWER = {"origin": "demo", "device": "tv", "country": "DE", "isp": "unknown"}


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the log; `settings()` name a home of the test's own, with an empty lake."""
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield settings().event_log
    monkeypatch.undo()
    settings.cache_clear()


def stream_id(at_ms: int, n: int = 0) -> int:
    """The id of a session or visit made at that time."""
    return (at_ms - EPOCH_MS) << 22 | n


def player(session_id: int, seq: int, *, profile: int = 1, at_ms: int = NOON_MS, **more: Any) -> bytes:
    said = {"name": "heartbeat", "viewer_time_ms": at_ms, "position_ms": seq * 1000, **more}
    known = {"profile_id": profile, **VIEWER, "title_id": 8, "release_id": 9, "duration_ms": 600_000}
    event = PlayerEvent.model_validate({"session_id": session_id, "seq": seq, **said})
    return player_line(event, at_ms, context_part(known))


def browse(visit_id: int, seq: int, *, profile: int = 1, at_ms: int = NOON_MS) -> bytes:
    event = BrowseEvent.model_validate(
        {"visit_id": visit_id, "seq": seq, "name": "shown", "viewer_time_ms": at_ms, "titles": ["5", "6"]}
    )
    return browse_line(event, at_ms, context_part({"profile_id": profile, **VIEWER}))


def letter(n: int, *, at_ms: int = NOON_MS) -> bytes:
    return dead_letter_line("seq", "why", json.dumps({"n": n}), at_ms)


def written(log: Path, *lines: bytes) -> None:
    """Lines acknowledged by a writer that has ended since."""
    writer = Writer(log)
    for line in lines:
        writer.append(line).result(10)
    writer.close()


def rows(table: str) -> list[dict[str, Any]]:
    """What the lake holds of a table: all its files, every one of which a shipment must name, and it alone."""
    named = [key for shipment in lake.shipments() for key in shipment.files]
    assert len(named) == len(set(named))
    there = [key for name in TABLES for key in lake.store().keys(name)]
    assert sorted(named) == sorted(there)
    found: list[dict[str, Any]] = []
    for key in sorted(there):
        if key.startswith(f"{table}/"):
            partition = dict(part.split("=") for part in key.split("/")[1:-1])
            content = pq.read_table(lake.store().fetch(key), partitioning=None)
            assert content.schema.equals(lake.schema(TABLES[table]))
            found += [row | partition for row in content.to_pylist()]
    return found


def places(table: str = "events") -> list[tuple[int, int]]:
    """Stream and place of each row, sorted."""
    stream = TABLES[table].key[0]
    return sorted((row[stream], row["seq"]) for row in rows(table))


def open_files() -> set[str]:
    """What the files that this process holds open are called."""
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one that lists the others
            found.add(str(path.readlink()))
    return found


@contextmanager
def killed_at(step: int) -> Iterator[None]:
    """kill -9 before the n-th act that changes something, counted from 0."""
    acts = 0

    def deadly(act: Callable[..., object]) -> Callable[..., object]:
        def acting(*arguments: object, **named: object) -> object:
            nonlocal acts
            if acts == step:
                os.kill(os.getpid(), signal.SIGKILL)
            acts += 1
            return act(*arguments, **named)

        return acting

    with pytest.MonkeyPatch.context() as patch:
        for name in ("rename", "replace", "unlink", "rmdir"):
            patch.setattr(Path, name, deadly(getattr(Path, name)))
        for name in ("fsync", "utime", "unlink", "rmdir"):
            patch.setattr(os, name, deadly(getattr(os, name)))
        yield


def in_a_process(step: int, work: Callable[[], object]) -> int | None:
    """Do something in a process that is killed at a step; how it ended."""

    def run() -> None:
        with killed_at(step):
            work()

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join(30)
    return process.exitcode
