"""Deletions of files that the catalogue has named wait while a backup is made, and a backup waits for theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection
from psycopg.errors import LockNotAvailable

from marquee.catalogue.database import engine
from marquee.contracts.errors import Conflict, Unavailable

LOCK = 0x4D51_4255  # the advisory lock that deleters share and a backup has alone
PATIENCE_S = 60.0  # of a backup, with a deletion that goes on

Held = Connection[tuple[Any, ...]]


@contextmanager
def held_off(*, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Nothing is deleted until the block ends, or the process does. Raises Conflict when it cannot begin."""
    with _connection() as connection:
        connection.execute("select set_config('lock_timeout', %s, false)", (f"{round(1000 * patience_s)}ms",))
        try:
            connection.execute("select pg_advisory_lock(%s)", (LOCK,))
        except LockNotAvailable:
            raise Conflict(
                "another backup is being made, or a deletion goes on", expected="only one at a time"
            ) from None
        yield


@contextmanager
def allowed() -> Iterator[None]:
    """No backup begins until the block ends. Raises Unavailable while one is being made."""
    with _connection() as connection:
        taken = connection.execute("select pg_try_advisory_lock_shared(%s)", (LOCK,)).fetchone()
        if not taken or not taken[0]:
            raise Unavailable("a backup is being made, and nothing is deleted meanwhile", expected="to be tried again")
        yield


@contextmanager
def _connection() -> Iterator[Held]:
    """A connection of its own: the lock ends with it."""
    pooled = engine().raw_connection()
    connection: Held = pooled.driver_connection  # type: ignore[assignment]
    pooled.detach()
    try:
        connection.rollback()
        connection.autocommit = True
        yield connection
    finally:
        connection.close()
