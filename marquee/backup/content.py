"""What the catalogue's database says of itself: rows by table, the schema's revision, what releases it names."""

from typing import Any

import psycopg
from psycopg import sql

from marquee.contracts.release import Release

Connection = psycopg.Connection[tuple[Any, ...]]

TABLES = """
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1
"""
RELEASES = """
    select document from releases where state = 'published' and document is not null order by id
"""


def rows(connection: Connection) -> dict[str, int]:
    """The number of rows of each table, partitions counted with their table."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")  # all of one moment
        names = [name for (name,) in connection.execute(TABLES)]
        return {name: _count(connection, name) for name in names}


def revision(connection: Connection) -> str:
    """Alembic's revision of the schema; empty before the first migration."""
    row = connection.execute("select to_regclass('public.alembic_version') is not null").fetchone()
    if not row or not row[0]:
        return ""
    found = connection.execute("select version_num from alembic_version").fetchone()
    return str(found[0]) if found else ""


def releases(connection: Connection) -> list[Release]:
    """The documents of the releases that are published and not collected."""
    return [Release.model_validate(document) for (document,) in connection.execute(RELEASES)]


def hashes(connection: Connection) -> dict[str, str]:
    """The hash that each file of these releases has to have, by its key in a replica."""
    return {f"{release.prefix}/{file.path}": file.sha256 for release in releases(connection) for file in release.files}


def _count(connection: Connection, name: str) -> int:
    row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(name))).fetchone()
    return int(row[0]) if row else 0
