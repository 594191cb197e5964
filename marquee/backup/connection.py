"""The database server as PostgreSQL's own programs and psycopg are told of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from marquee.settings import Settings

CONNECT_S = 30


@contextmanager
def conninfo(s: Settings, folder: Path) -> Iterator[str]:
    """A connection string without the password, which stands in a file for the owner only in `folder`."""
    url = make_url(s.database("postgres"))
    file = folder / "pgpass"
    file.touch(mode=0o600)
    file.write_text(f"*:*:*:*:{_escaped(str(url.password or ''))}\n")
    try:
        yield make_conninfo(
            host=url.host,
            port=url.port,
            user=url.username,
            passfile=str(file),
            **{k: str(v) for k, v in url.query.items()},
        )
    finally:
        file.unlink()


def connect(s: Settings, database: str = "postgres") -> "psycopg.Connection[tuple[Any, ...]]":
    url = s.database(database).replace("+psycopg", "")
    return psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_S)


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace(":", "\\:")
