"""Carries the database's write-ahead log to the backup as it is written: `python -m marquee.backup.wal`.

PostgreSQL's own pg_receivewal streams it into a folder of this machine, by a slot that keeps what was not taken yet.
Every few seconds what is whole, and the beginning of the segment that is being written, is carried on. So a restore
loses at most these seconds.
"""

import gzip
import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from marquee import logs
from marquee.backup import layout
from marquee.backup.connection import connect, conninfo
from marquee.backup.segments import PARTIAL
from marquee.embedded.postgres import binary
from marquee.embedded.processes import wait_until
from marquee.logs import log
from marquee.settings import Settings, settings
from marquee.storage import Store

SLOT = "marquee_backup"
STREAMED_S = 5.0
Server = Connection[tuple[Any, ...]]

KEPT = "8GB"  # of the log that the slot holds back at most, lest a backup that is away fill the disk
STREAMED = """
    select not exists (
        select from pg_stat_replication r join pg_replication_slots s on s.active_pid = r.pid
        where r.write_lsn >= %s::pg_lsn and s.slot_name = %s)
"""
LEVEL = 1  # most of a segment that is carried early is zeros


def main() -> None:
    s, over = settings(), threading.Event()
    logs.configure(json=s.log_json)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    run_until(s, layout.opened(s.backup), over)


def run_until(s: Settings, target: Store, over: threading.Event) -> None:
    """Carry the log until it is over, and once more then. Raises OperationalError when the server goes away."""
    folder = s.home / "wal"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with connect(s) as connection, conninfo(s, folder) as info:
        prefix = f"{layout.WAL}/{_ready(s, connection)}"
        carrier = Carrier(connection, folder / "segments", target, prefix)
        with _receiver(info, folder / "segments") as receiver:
            while receiver.poll() is None:
                over.wait(s.backup_wal_s)
                with _lived_through():
                    carrier.carry()
                if over.is_set():
                    return
    log.error("the database's log is not received any more", status=receiver.returncode)
    raise SystemExit(1)


class Carrier:
    """Carries what was received into `target`/`prefix`; `place` is how far the log was carried."""

    def __init__(self, connection: Server, folder: Path, target: Store, prefix: str) -> None:
        self._connection, self._folder, self._target, self._prefix = connection, folder, target, prefix
        self._place = ""

    def carry(self) -> None:
        """Carry what is new, and note until when everything committed is in the archive now."""
        at, place = self._now()
        if place != self._place:
            if not wait_until(lambda: self._streamed(place), STREAMED_S):
                log.warning("the database's log is streamed late", place=place)
                return
            self._carry_segments()
            self._place = place
        said = {"at": at.isoformat(), "place": place}
        self._target.write(f"{self._prefix}/reached.json", json.dumps(said).encode())

    def _now(self) -> tuple[datetime, str]:
        """The server's time, and a place in its log, flushed, before which all is that was committed until then."""
        at, place = _one(self._connection, "select clock_timestamp(), pg_current_wal_insert_lsn()::text")
        if place != self._place:
            (place,) = _one(self._connection, "select pg_logical_emit_message(false, 'marquee', '', true)::text")
        return at, place

    def _streamed(self, place: str) -> bool:
        (behind,) = _one(self._connection, STREAMED, (place, SLOT))
        return not behind

    def _carry_segments(self) -> None:
        """The one that is being written first: it may be whole by the time that the others are listed."""
        for path in sorted(self._folder.glob(f"*{PARTIAL}")):
            self._put(path)
        for path in sorted(self._folder.iterdir()):
            if not path.name.endswith((PARTIAL, ".tmp")):
                self._put(path)
                self._target.remove(f"{self._prefix}/{path.name}{PARTIAL}.gz")
                path.unlink()

    def _put(self, path: Path) -> None:
        with suppress(FileNotFoundError):  # it has become whole, and has another name
            self._target.write(f"{self._prefix}/{path.name}.gz", gzip.compress(path.read_bytes(), LEVEL))


@contextmanager
def _lived_through() -> Iterator[None]:
    """A target that is away is tried again; meanwhile the segments stay here."""
    try:
        yield
    except OSError as error:
        log.warning("the database's log is not carried", error=str(error))


def drop_slot(s: Settings) -> None:
    """Have the server keep nothing back any more: no log is carried from now on."""
    with connect(s) as connection:
        connection.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s and not active",
            (SLOT,),
        )


def _ready(s: Settings, connection: Server) -> str:
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


def _one(connection: Server, statement: str, values: tuple[str, ...] = ()) -> tuple[Any, ...]:
    """The one row of a statement."""
    row = connection.execute(statement.encode(), values).fetchone()
    return row or (None,)


if __name__ == "__main__":
    main()
