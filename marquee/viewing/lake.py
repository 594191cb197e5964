"""The lake: where its tables lie, what was shipped into them, and how far each reader has read."""

import io
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marquee.contracts.lake import Table
from marquee.contracts.shipment import Shipment
from marquee.settings import settings
from marquee.storage import Store

if TYPE_CHECKING:
    import pyarrow as pa

SHIPMENTS, DEALT = "_shipments", "_dealt"


def store() -> Store:
    """The lake's store."""
    return Store(settings().lake)


def key(table: Table, name: str, **partition: str) -> str:
    """The key of a file of a table, e.g. `events/dt=2026-01-31/hour=07/log-1.parquet`."""
    if tuple(partition) != table.partitions:
        raise ValueError(f"{table.name} is partitioned by {table.partitions}, not by {tuple(partition)}")
    return "/".join((table.name, *(f"{column}={value}" for column, value in partition.items()), name))


def schema(table: Table) -> "pa.Schema":
    """The Arrow schema of a table's files."""
    import pyarrow as pa

    simple = {
        "BIGINT": pa.int64(),
        "INTEGER": pa.int32(),
        "DOUBLE": pa.float64(),
        "BOOLEAN": pa.bool_(),
        "VARCHAR": pa.string(),
        "BIGINT[]": pa.list_(pa.int64()),
        "VARCHAR[]": pa.list_(pa.string()),
        "STRUCT(from_ms BIGINT, to_ms BIGINT)[]": pa.list_(pa.struct([("from_ms", pa.int64()), ("to_ms", pa.int64())])),
    }
    return pa.schema([(name, simple[kind]) for name, kind in table.columns.items()])


def write(table: Table, name: str, rows: "pa.Table | list[dict[str, Any]]", **partition: str) -> str:
    """Write a file of a table, whole or not at all; returns its key. Columns are cast to the table's own."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = schema(table)
    content = pa.Table.from_pylist(rows, wanted) if isinstance(rows, list) else rows.select(wanted.names).cast(wanted)
    buffer = io.BytesIO()
    pq.write_table(content, buffer, compression="zstd")
    place = key(table, name, **partition)
    store().write(place, buffer.getvalue())
    return place


def write_blocks(table: Table, file: Path, blocks: Iterable[list[dict[str, Any]]]) -> int:
    """Write rows into a local file as a table's files are, one block after the other; returns their number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted, rows = schema(table), 0
    with pq.ParquetWriter(file, wanted, compression="zstd") as writer:
        for block in blocks:
            writer.write_table(pa.Table.from_pylist(block, wanted))
            rows += len(block)
    return rows


def shipment_id(source: str) -> str:
    """A new id; ids sort by the time at which they were made."""
    return f"{time.time_ns():020d}-{source}"


def commit(shipment: Shipment) -> None:
    """Make a shipment known to readers. Its files must stand already; doing it again changes nothing."""
    store().write(f"{SHIPMENTS}/{shipment.id}.json", shipment.model_dump_json().encode())


def shipments(but: Collection[str] = ()) -> Iterator[Shipment]:
    """All shipments but those with these ids, in the order of their ids."""
    lake = store()
    for name in lake.keys(SHIPMENTS):
        if name.endswith(".json") and name.removeprefix(f"{SHIPMENTS}/").removesuffix(".json") not in but:
            yield Shipment.model_validate_json(lake.read(name))


def dealt(reader: str) -> set[str]:
    """The ids of the shipments that a reader has dealt with.

    Each is noted by itself: ids are made before shipments are committed, so one may appear behind a later one.
    """
    return {name.rpartition("/")[2] for name in store().keys(f"{DEALT}/{reader}")}


def set_dealt(reader: str, ids: Iterable[str]) -> None:
    """Remember that a reader has dealt with these shipments."""
    for shipment in ids:
        store().write(f"{DEALT}/{reader}/{shipment}", b"")
