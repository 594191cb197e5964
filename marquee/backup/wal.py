"""Carries the database's write-ahead log to the backup as it is written: `python -m marquee.backup.wal`.

PostgreSQL's own pg_receivewal streams it into a folder of this machine, by a slot that keeps what was not taken yet.
Every few seconds what is whole, and the beginning of the segment that is being written, is carried on. So a restore
loses at most these seconds.
"""

import gzip
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from marquee import logs
from marquee.backup import layout
from marquee.backup.connection import conninfo, connect
from marquee.backup.segments import PARTIAL
from marquee.embedded.postgres import binary
from marquee.embedded.processes import wait_until
from marquee.logs import log
from marquee.settings import Settings, settings
from marquee.storage import Store
from marquee.tools.process import run

SLOT = "marquee_backup"
STREAMED_S = 5.0
KEPT = "8GB"  # of the log that the slot holds back at most, lest a backup that is away fill the disk
LEVEL = 1  # most of a segment that is carried early is zeros


def main() -> None:
    s, over = settings(), threading.Event()
    logs.configure(json=s.log_json)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    run_until(s, layout.opened(s.backup), over)


def run_until(s: Settings, target: Store, over: threading.Event) -> None:
    """Carry the log until it is over, and once more then. Raises ToolFailed when the server cannot be streamed from."""
    folder = s.home / "wal"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with connect(s) as connection, conninfo(s, folder) as info:
        prefix = f"{layout.WAL}/{_ready(s, connection)}"
        with _receiver(info, folder / "segments") as receiver:
            while receiver.poll() is None:
                over.wait(s.backup_wal_s)
                carry(connection, folder / "segments", target, prefix)
                if over.is_set():
                    return
    log.error("the database's log is not received any more", status=receiver.returncode)
    raise SystemExit(1)


def carry(connection: "Connection[tuple[Any, ...]]", folder: Path, target: Store, prefix: str) -> datetime | None:
    """Carry what was received; until when everything committed is in the archive now. None: the stream is behind."""
    at, place = _now(connection)
    streamed = wait_until(lambda: _streamed(connection, place), STREAMED_S)
    for path in sorted(folder.iterdir()):
        if path.name.endswith(PARTIAL):
            target.write(f"{prefix}/{path.name}.gz", gzip.compress(path.read_bytes(), LEVEL))
    for path in sorted(folder.iterdir()):
        if not path.name.endswith((PARTIAL, ".tmp")):
            target.write(f"{prefix}/{path.name}.gz", gzip.compress(path.read_bytes(), LEVEL))
            target.remove(f"{prefix}/{path.name}{PARTIAL}.gz")
            path.unlink()
    if not streamed:
        log.warning("the database's log is streamed late", place=place)
        return None
    target.write(f"{prefix}/reached.json", json.dumps({"at": at.isoformat(), "place": place}).encode())
    return at


def drop_slot(s: Settings) -> None:
    """Have the server keep nothing back any more: no log is carried from now on."""
    with connect(s) as connection:
        connection.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s and not active",
            (SLOT,),
        )


def _ready(s: Settings, connection: "Connection[tuple[Any, ...]]") -> str:
    """The cluster's identifier; a slot that the server has given up is made anew, with a hole in the log."""
    if s.embedded_postgres:
        connection.execute(f"alter system set max_slot_wal_keep_size = '{KEPT}'".encode())
        connection.execute("select pg_reload_conf()")
    lost = connection.execute(
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
        " where slot_name = %s and wal_status = 'lost' and not active",
        (SLOT,),
    )
    if lost.rowcount:
        log.error("the log has a hole: the backup was away for too long; make a backup now")
    connection.execute(
        "select pg_create_physical_replication_slot(%s, true)"
        " where not exists (select from pg_replication_slots where slot_name = %s)",
        (SLOT, SLOT),
    )
    row = connection.execute("select system_identifier::text from pg_control_system()").fetchone()
    return str(row[0]) if row else ""


@contextmanager
def _receiver(info: str, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    folder.mkdir(exist_ok=True)
    how = ["--slot", SLOT, "--status-interval=1", "--no-password"]
    argv = ["setpriv", "--pdeathsig", "TERM", str(binary("pg_receivewal")), f"--dbname={info}", "-D", str(folder), *how]
    process = subprocess.Popen(argv, process_group=0)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _now(connection: "Connection[tuple[Any, ...]]") -> tuple[datetime, str]:
    row = connection.execute("select clock_timestamp(), pg_current_wal_flush_lsn()::text").fetchone()
    assert row
    return row[0], str(row[1])


def _streamed(connection: "Connection[tuple[Any, ...]]", place: str) -> bool:
    row = connection.execute(
        "select 1 from pg_stat_replication r join pg_replication_slots s on s.active_pid = r.pid"
        " where s.slot_name = %s and r.write_lsn >= %s::pg_lsn",
        (SLOT, place),
    ).fetchone()
    return row is not None


if __name__ == "__main__":
    main()
