"""Reads the published warehouse file, for analysts and pages. Nothing here writes."""

import csv
import io
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marquee.contracts.errors import InvalidInput, NotFound
from marquee.settings import settings

if TYPE_CHECKING:
    import duckdb

NAME = "marquee.duckdb"
WIDEST = 60  # characters of a value in a table
READING = {"SELECT", "EXPLAIN"}


class Format(StrEnum):
    """How the answer to a query is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def folder() -> Path:
    """Where the DuckDB file lies: on this machine, wherever the marts are exported to."""
    return settings().home / "warehouse"


def published() -> Path:
    return folder() / NAME


def connect() -> "duckdb.DuckDBPyConnection":
    """The published file, read only, and private in-memory space beside it.

    It stays what it is when a newer one is published: connect again to see that.

    Raises NotFound before the first build.
    """
    import duckdb

    if not published().is_file():
        raise NotFound("there is no warehouse yet", where=str(published()), expected="a build of the marts before")
    connection = duckdb.connect()  # DuckDB would answer the file's name with what this process has open under it
    connection.execute(f"ATTACH '{published()}' AS marquee (READ_ONLY); USE marquee")
    return connection


def sql(text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of one query. Raises InvalidInput when it is none, writes, or does not hold."""
    import duckdb

    with connect() as connection:
        try:
            statements = connection.extract_statements(text)
            _check(text, [statement.type.name for statement in statements])
            found = connection.execute(statements[0])
            return [column[0] for column in found.description], found.fetchall()
        except duckdb.Error as error:
            raise InvalidInput(f"DuckDB: {error}", where="sql", got=repr(text)) from error


def run_sql(text: str, *, format: Format | str = Format.TABLE) -> str:  # noqa: A002 (as the command's option)
    """What a query answers, as a table for people, CSV or a JSON list of objects. Ids are strings in JSON."""
    columns, rows = sql(text)
    match Format(format):
        case Format.CSV:
            return _csv(columns, rows)
        case Format.JSON:
            return json.dumps([_object(columns, row) for row in rows], indent=2, ensure_ascii=False, default=str)
        case Format.TABLE:
            return _table(columns, rows)


def _check(text: str, kinds: list[str]) -> None:
    if len(kinds) != 1:
        raise InvalidInput("one query at a time", where="sql", expected="1 statement", got=str(len(kinds)))
    if kinds[0] not in READING:
        raise InvalidInput(
            "the warehouse is for reading: it is made by the nightly build and by nothing else",
            where="sql",
            expected="a query (SELECT, FROM, DESCRIBE, SUMMARIZE, EXPLAIN)",
            got=f"{kinds[0]}: {text!r}",
        )


def _csv(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return target.getvalue().rstrip("\n")


def _object(columns: list[str], row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, int) and name.endswith("_id") else value
        for name, value in zip(columns, row, strict=True)
    }


def _table(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    cells = [[_cell(value) for value in row] for row in rows]
    right = [all(isinstance(value, int | float) for value in column) for column in zip(*rows, strict=True)]
    right = right or [False] * len(columns)
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    lines = [columns, ["─" * width for width in widths], *cells]
    text = [
        "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([*text, f"({len(rows)} row{'' if len(rows) == 1 else 's'})"])


def _cell(value: object) -> str:
    text = "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    text = text.replace("\n", " ")
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
