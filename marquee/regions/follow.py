"""Whom a standby follows, and the slots by which a server keeps WAL for the others."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from marquee.regions import system_settings
from marquee.settings.database_url import CONNECT_S, CUT_MS
from marquee.settings.regions import Region

LOST = "select slot_name from pg_replication_slots where wal_status = 'lost' and not active"
MISSING = """
    select pg_create_physical_replication_slot(name) from unnest(%s::text[]) name
    where not exists (select 1 from pg_replication_slots where slot_name = name)
"""


def following(source: Region, name: str, passwords: Path) -> dict[str, str]:
    """The settings of region `name` by which it follows another one; `passwords` is libpq's password file."""
    host, port = source.server
    parts = urlsplit(source.database)
    values = {
        **dict(parse_qsl(parts.query)),
        "host": host,
        "port": str(port),
        "user": unquote(parts.username or ""),
        "passfile": str(passwords),
        "application_name": name,
        "connect_timeout": str(CONNECT_S),
        "tcp_user_timeout": str(CUT_MS),
    }
    said = " ".join(f"{key}={_quoted(value)}" for key, value in values.items())
    return {"primary_conninfo": said, "primary_slot_name": name}


def turn_to(connection: "psycopg.Connection[Any]", source: Region, name: str) -> None:
    """Have a running standby follow another region from now on."""
    row = connection.execute("select current_setting('data_directory') as folder").fetchone() or {}
    passwords = Path(row["folder"]).parent / "passwords"
    system_settings.change(connection, following(source, name, passwords))


def turn_away(connection: "psycopg.Connection[Any]") -> None:
    """Have a running standby follow nobody."""
    system_settings.change(connection, {"primary_conninfo": ""})


def ensure_slots(connection: "psycopg.Connection[Any]", others: Iterable[str]) -> None:
    """A slot for each other region. One whose WAL is gone is made anew: that region has to be copied again."""
    for row in connection.execute(LOST).fetchall():
        connection.execute("select pg_drop_replication_slot(%s)", [row["slot_name"]])
    connection.execute(MISSING, [list(others)])


def _quoted(value: str) -> str:
    """A value of a connection string (libpq, "Keyword/Value Connection Strings")."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def standbys_of(standings: Mapping[str, Any], name: str) -> list[str]:
    """The other regions whose servers answer and are standbys."""
    return [each for each, standing in standings.items() if each != name and standing.answers and standing.standby]
