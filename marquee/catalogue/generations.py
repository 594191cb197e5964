"""Making generations of recommendations: each is loaded beside the one being served, then switched to at once.

A generation has a partition of its own in `recommendations` and in `similar_titles`, in the schema `published`. It is
filled and indexed while nobody reads it, attached, and becomes the answer when one transaction moves `live`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, sql
from psycopg.errors import LockNotAvailable
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from marquee.catalogue.database import engine
from marquee.catalogue.models import DeletedProfile, Generation, Recommendation, now
from marquee.contracts.errors import Conflict, NotFound

Publisher = Connection[tuple[Any, ...]]

SCHEMA = "published"
KEPT = 2  # generations: the live one and the one before, which readers may still be in
PARENTS = {"recommendations": "profile_id", "similar_titles": "title_id"}  # and the second column of their keys
LOCK = 0x4D51_5245  # the advisory lock that admits one publisher at a time
PATIENCE_S = 30.0  # with another that is killed or about to end


@contextmanager
def publisher(*, patience_s: float = PATIENCE_S) -> Iterator[Publisher]:
    """A connection for the one process that may publish at a time; each statement commits.

    The lock goes with the connection, so that a killed publisher holds nothing once the server has noticed. Raises
    Conflict when another publishes for longer than the patience.
    """
    pooled = engine().raw_connection()
    connection: Publisher = pooled.driver_connection  # type: ignore[assignment]
    pooled.detach()
    try:
        connection.rollback()
        connection.autocommit = True
        _take(connection, patience_s)
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.execute("select pg_advisory_unlock(%s)", (LOCK,))
    finally:
        connection.close()


def _take(connection: Publisher, patience_s: float) -> None:
    connection.execute("select set_config('lock_timeout', %s, false)", (f"{max(1, round(1000 * patience_s))}ms",))
    try:
        connection.execute("select pg_advisory_lock(%s)", (LOCK,))
    except LockNotAvailable:
        raise Conflict("another process is publishing recommendations") from None
    connection.execute("reset lock_timeout")


def create(connection: Publisher, generation_id: int, *, model: str, audience: str) -> None:
    """Begin a generation: its row, not live, and two empty tables that nobody reads yet."""
    with connection.transaction():
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(SCHEMA)))
        connection.execute(
            "insert into generations (id, model, audience, live, profiles, titles, created_at)"
            " values (%s, %s, %s, false, 0, 0, %s)",
            (generation_id, model, audience, now()),
        )
        for parent in PARENTS:
            statement = "create table {} (like {} including defaults, check (generation_id = {}))"
            connection.execute(_filled(statement, _part(parent, generation_id), sql.Identifier(parent), generation_id))


def load(connection: Publisher, parent: str, generation_id: int, blocks: Iterable[bytes]) -> int:
    """Fill a generation's part of `recommendations` or `similar_titles`; returns the number of rows.

    `blocks` are the bytes of a binary COPY of (generation_id, profile_id or title_id, title_ids).
    """
    part = _part(parent, generation_id)
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(_filled("copy {} from stdin (format binary)", part)) as copy:
            for block in blocks:
                copy.write(block)
        rows = cursor.rowcount
        column = sql.Identifier(PARENTS[parent])
        cursor.execute(_filled("alter table {} add primary key (generation_id, {})", part, column))
        attach = "alter table {} attach partition {} for values in ({})"
        cursor.execute(_filled(attach, sql.Identifier(parent), part, generation_id))
    # Of the key only: what lists hold is never asked for, and looking into them takes longer than loading them.
    connection.execute(_filled("analyze {} (generation_id, {})", part, column))
    return rows


def switch(session: Session, generation_id: int, *, profiles: int, titles: int) -> None:
    """Answer from this generation from now on, without the profiles deleted while it was made. Raises NotFound."""
    session.execute(
        delete(Recommendation).where(
            Recommendation.generation_id == generation_id,
            Recommendation.profile_id.in_(select(DeletedProfile.profile_id)),
        )
    )
    session.execute(update(Generation).where(Generation.live).values(live=False))
    values = {"live": True, "profiles": profiles, "titles": titles, "switched_at": now()}
    statement = update(Generation).where(Generation.id == generation_id).values(**values).returning(Generation.id)
    if session.scalar(statement) is None:
        raise NotFound("no such generation", where="generations", got=str(generation_id))


def sweep(connection: Publisher, *, keep: int = KEPT) -> list[int]:
    """Drop what killed publishers left and all but the newest generations; returns those that stay, the live one first.

    Partitions are detached without making readers wait.
    """
    rows = connection.execute(
        "select id from generations where switched_at is not null order by live desc, switched_at desc limit %s",
        (keep,),
    )
    kept = [row[0] for row in rows]
    for parent in PARENTS:
        for name, attached, interrupted in _parts(connection, parent):
            if int(name.removeprefix(f"{parent}_")) not in kept:
                _drop(connection, parent, name, attached=attached, interrupted=interrupted)
    connection.execute("delete from generations where not live and id <> all(%s)", (kept,))
    return kept


def _parts(connection: Publisher, parent: str) -> list[tuple[str, bool, bool]]:
    """The tables made for a parent: name, whether it is a partition of it, whether its detaching was interrupted."""
    return connection.execute(
        "select c.relname, i.inhrelid is not null, coalesce(i.inhdetachpending, false) from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace left join pg_inherits i on i.inhrelid = c.oid"
        " where n.nspname = %s and c.relkind = 'r' and c.relname like %s",
        (SCHEMA, f"{parent}\\_%"),
    ).fetchall()


def _drop(connection: Publisher, parent: str, name: str, *, attached: bool, interrupted: bool) -> None:
    part = sql.Identifier(SCHEMA, name)
    if attached:
        how = sql.SQL("finalize" if interrupted else "concurrently")
        connection.execute(_filled("alter table {} detach partition {} {}", sql.Identifier(parent), part, how))
    connection.execute(_filled("drop table if exists {}", part))


def _part(parent: str, generation_id: int) -> sql.Identifier:
    return sql.Identifier(SCHEMA, f"{parent}_{generation_id}")


def _filled(statement: str, *parts: sql.Composable | int) -> sql.Composed:
    return sql.SQL(statement).format(*parts)
