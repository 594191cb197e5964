"""The lake's tables and the marts as relations of one DuckDB connection, however few files they have."""

import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from marquee.contracts.lake import Table
from marquee.settings import settings
from marquee.storage import Store
from marquee.viewing import lake

if TYPE_CHECKING:
    import duckdb

MEMORY = "1GB"
PARTITIONS = {"dt": "DATE", "hour": "VARCHAR", "source": "VARCHAR"}


@contextmanager
def connected() -> Iterator["duckdb.DuckDBPyConnection"]:
    """A connection of bounded memory that spills into a scratch folder of this installation."""
    import duckdb

    # Named after this process: whoever clears the folder sees that its owner lives.
    spill = settings().home / "scratch" / f"{os.getpid()}-checkpoints-{secrets.token_hex(4)}"
    spill.mkdir(parents=True)
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": MEMORY, "temp_directory": str(spill)}
    try:
        with duckdb.connect(":memory:", config=config) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for url in {settings().lake, settings().warehouse}:
                if not url.startswith("file://"):
                    connection.register_filesystem(Store(url).fs)
            yield connection
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def quoted(text: str) -> str:
    """A string in SQL."""
    return "'{}'".format(text.replace("'", "''"))


def address(url: str, key: str) -> str:
    """Where DuckDB finds an object of a store."""
    return f"{url.removeprefix('file://').rstrip('/')}/{key}"


def data_files(table: Table, days: Collection[date] | None = None) -> list[str]:
    """Keys of a table's files, of some days only where it is partitioned by day.

    Files beside the partitions are no part of a table: earlier lakes have some.
    """
    prefixes = [table.name] if days is None else [f"{table.name}/dt={day}" for day in sorted(days)]
    keys = [key for prefix in prefixes for key in lake.store().keys(prefix)]
    deep = len(table.partitions) + 1
    return [key for key in keys if key.endswith(".parquet") and key.count("/") == deep and not _hidden(key)]


def _hidden(key: str) -> bool:
    """What is being written, or was left by a writer that died."""
    return any(part.startswith((".", "_")) for part in PurePosixPath(key).parts)


def select(table: Table, days: Collection[date] | None = None) -> str:
    """A table as a SELECT in brackets; one without files has its columns and no rows."""
    return scan(table, data_files(table, days))


def scan(table: Table, files: Collection[str]) -> str:
    """Some files of a table as a SELECT in brackets."""
    kinds = {column: PARTITIONS[column] for column in table.partitions}
    if not files:
        columns = (table.columns | kinds).items()
        return "(SELECT {} WHERE false)".format(", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns))
    paths = ", ".join(quoted(address(settings().lake, file)) for file in files)
    types = ", ".join(f"{column}: {kind}" for column, kind in kinds.items())
    hive = f"hive_partitioning = true, hive_types = {{{types}}}" if kinds else "hive_partitioning = false"
    return f"(FROM read_parquet([{paths}], {hive}))"


def mart(name: str) -> str | None:
    """A mart as a SELECT in brackets, None when it has not been built."""
    key = f"marts/{name}.parquet"
    if not Store(settings().warehouse).exists(key):
        return None
    return f"(FROM read_parquet({quoted(address(settings().warehouse, key))}))"
