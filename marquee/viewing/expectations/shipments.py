"""Compares what was shipped with what lies in the lake, file by file and hour by hour."""

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from marquee.contracts.lake import DEAD_LETTERS, STREAMED, Table
from marquee.contracts.shipment import Shipment
from marquee.viewing import lake
from marquee.viewing.expectations import reading

if TYPE_CHECKING:
    import duckdb

SHIPPED = (*STREAMED, DEAD_LETTERS)
SCRUB = "scrub"  # a shipment that took rows of deleted viewers away


def register(connection: "duckdb.DuckDBPyConnection", days: Collection[date]) -> None:
    """Give the connection the tables `shipments` and `files`, of the shipments that touch the days."""
    lying = {table.name: set(reading.data_files(table)) for table in SHIPPED}
    touching = [shipment for shipment in lake.shipments() if _touches(shipment, days)]
    scrubbed = _scrubbed(touching)
    named = {file for shipment in touching for file in shipment.files}
    sizes = _rows_of(connection, sorted(named & {file for files in lying.values() for file in files}))
    _table(
        connection,
        "shipments",
        "shipment VARCHAR, table_name VARCHAR, shipped BIGINT, lying BIGINT, lost BIGINT",
        [_reckon(shipment, table, sizes, scrubbed) for shipment in touching for table in SHIPPED],
    )
    _table(
        connection,
        "files",
        "shipment VARCHAR, file VARCHAR, lies VARCHAR",
        list(_files(touching, lying, scrubbed, days)),
    )


def _table(connection: "duckdb.DuckDBPyConnection", name: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
    if rows:
        places = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {name} VALUES ({places})", rows)  # noqa: S608 (our own names)


def _touches(shipment: Shipment, days: Collection[date]) -> bool:
    wanted = {str(day) for day in days}
    return any(wanted & set(touched) for touched in shipment.partitions.values())


def _scrubbed(shipments: Collection[Shipment]) -> dict[tuple[str, str], str]:
    """By table and day, the last shipment that took rows away."""
    return {
        (table, day): shipment.id
        for shipment in shipments
        if shipment.source == SCRUB
        for table, days in shipment.partitions.items()
        for day in days
    }


def _excused(shipment: Shipment, table: str, scrubbed: dict[tuple[str, str], str]) -> bool:
    """Whether rows of a shipment may be gone: a later one took viewers out of its days."""
    return any(scrubbed.get((table, day), "") > shipment.id for day in shipment.partitions.get(table, ()))


def _rows_of(connection: "duckdb.DuckDBPyConnection", files: Collection[str]) -> dict[str, int]:
    """Rows by file, from the files' own footers."""
    if not files:
        return {}
    by_address = {reading.address(lake.store().url, file): file for file in files}
    paths = ", ".join(reading.quoted(path) for path in by_address)
    found = connection.execute(f"SELECT file_name, num_rows FROM parquet_file_metadata([{paths}])").fetchall()  # noqa: S608
    return {by_address[path]: int(rows) for path, rows in found}


def _reckon(
    shipment: Shipment, table: Table, sizes: dict[str, int], scrubbed: dict[tuple[str, str], str]
) -> tuple[Any, ...]:
    shipped = shipment.rows.get(table.name, 0)
    lying = sum(sizes.get(file, 0) for file in shipment.files if _of(table, file))
    taken = shipment.source == SCRUB or _excused(shipment, table.name, scrubbed)
    return shipment.id, table.name, shipped, lying, 0 if taken else max(0, shipped - lying)


def _of(table: Table, file: str) -> bool:
    return PurePosixPath(file).parts[0] == table.name


def _files(
    shipments: Collection[Shipment],
    lying: dict[str, set[str]],
    scrubbed: dict[tuple[str, str], str],
    days: Collection[date],
) -> Iterator[tuple[str, str, str]]:
    """Every shipped file, and every file of the days that nobody shipped."""
    named: set[str] = set()
    for shipment in shipments:
        named.update(shipment.files)
        for file in shipment.files:
            table = PurePosixPath(file).parts[0]
            if table in lying and shipment.source != SCRUB and not _excused(shipment, table, scrubbed):
                yield shipment.id, file, "yes" if file in lying[table] else "no"
    wanted = {f"dt={day}" for day in days}
    for file in sorted({file for files in lying.values() for file in files} - named):
        if wanted & set(PurePosixPath(file).parts):
            yield "", file, "unknown"
