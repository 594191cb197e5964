"""Settings that a region's server keeps in its own data folder, changed while it runs or while it is stopped."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

AUTO = "postgresql.auto.conf"  # where ALTER SYSTEM writes


def change(connection: "psycopg.Connection[Any]", values: Mapping[str, str]) -> None:
    """Change settings of a running server, and have all its processes read them."""
    for name, value in values.items():
        statement = sql.SQL("alter system set {} = {}").format(sql.Identifier(*name.split(".")), sql.Literal(value))
        connection.execute(statement)
    connection.execute("select pg_reload_conf()")


def change_stopped(data: Path, values: Mapping[str, str], *, reset: Iterable[str] = ()) -> None:
    """Change settings of a stopped server, and take some back; that holds from its next start."""
    path, named = data / AUTO, {*values, *reset}
    lines = [line for line in path.read_text().splitlines() if line.partition(" =")[0] not in named]
    lines += [f"{name} = '{_quoted(value)}'" for name, value in values.items()]
    path.write_text("\n".join([*lines, ""]))


def of_stopped(data: Path, name: str) -> str:
    """A setting as ALTER SYSTEM left it; empty where there is none."""
    found = re.search(rf"^{re.escape(name)} = '(.*)'$", (data / AUTO).read_text(), re.MULTILINE)
    return found[1].replace("''", "'") if found else ""


def _quoted(value: str) -> str:
    return value.replace("'", "''")
