"""Reads and writes the lake's tables in Spark."""

import io
import secrets
from collections.abc import Collection, Iterable
from datetime import date

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import StructField, StructType, _parse_datatype_string

from marquee.contracts.errors import InvalidInput
from marquee.contracts.ids import EPOCH_MS, SEQUENCE_BITS, WORKER_BITS
from marquee.contracts.lake import Table
from marquee.settings import settings
from marquee.viewing import lake

STAGING = "_staging"
FILE = "part-0.parquet"  # one file per partition: a reader sees all of it or all of the earlier one
SPARK_TYPES = {
    "VARCHAR": "STRING",
    "BIGINT[]": "ARRAY<BIGINT>",
    "VARCHAR[]": "ARRAY<STRING>",
    "STRUCT(from_ms BIGINT, to_ms BIGINT)[]": "ARRAY<STRUCT<from_ms: BIGINT, to_ms: BIGINT>>",
}


def schema(table: Table) -> StructType:
    """A table's columns, typed, without those in its path."""
    return StructType(
        [StructField(name, _parse_datatype_string(SPARK_TYPES.get(kind, kind))) for name, kind in table.columns.items()]
    )


def shaped(table: Table, frame: DataFrame) -> DataFrame:
    """The frame's columns as the table has them, in its order and of its types."""
    return frame.select([f.col(field.name).cast(field.dataType).alias(field.name) for field in schema(table)])


def created_ms(stream_id: str) -> Column:
    """Unix milliseconds at which the ids of a column were made; see marquee.contracts.ids."""
    return f.shiftright(f.col(stream_id), WORKER_BITS + SEQUENCE_BITS) + f.lit(EPOCH_MS)


def day_of(milliseconds: Column) -> Column:
    """The day (UTC) of Unix milliseconds, as the paths spell it."""
    return f.date_format(f.timestamp_millis(milliseconds), "yyyy-MM-dd")


def read(spark: SparkSession, table: Table, days: Collection[date] | None = None) -> DataFrame:
    """A table, or its partitions of some days; an empty frame where there are none."""
    prefixes = [table.name] if days is None else [f"{table.name}/dt={day}" for day in sorted(days)]
    present = [prefix for prefix in prefixes if _has_rows(lake.store().keys(prefix))]
    if not present:
        return spark.createDataFrame([], schema(table))
    found = spark.read.schema(schema(table)).option("recursiveFileLookup", "true")
    return found.parquet(*(f"{_root()}/{prefix}" for prefix in present))


def replace(table: Table, frame: DataFrame, days: Collection[date]) -> list[str]:
    """Make the table's partitions of these days what the frame holds; `dt` is a column of it. Returns the keys written.

    Each partition is one file, sorted by the table's key, so that the same rows are the same bytes. It is made whole
    in a folder beside and put in place in one step; a day without rows loses its partition. One writer per table.
    Raises InvalidInput when the frame has rows of another day.
    """
    # One partition holds a day whole; several days may share one.
    rows = frame.repartition(max(1, min(len(days), 64)), "dt").sortWithinPartitions("dt", *table.key)
    staged = _stage(table, rows, ["dt"])
    try:
        if strange := set(staged) - {f"dt={day}" for day in days}:
            raise InvalidInput(
                "rows of a day that was not asked for", where=table.name, expected=_listed(days), got=_listed(strange)
            )
        return [key for day in sorted(days) if (key := _swap(table, staged.get(f"dt={day}"), dt=str(day)))]
    finally:
        _clear(table)


def replace_whole(table: Table, frame: DataFrame) -> list[str]:
    """Make a table without partitions what the frame holds: one sorted file. Returns its key."""
    staged = _stage(table, frame.repartition(1).sortWithinPartitions(*table.key), [])
    try:
        key = _swap(table, staged.get(""))
        return [key] if key else []
    finally:
        _clear(table)


def _stage(table: Table, rows: DataFrame, by: list[str]) -> dict[str, str]:
    """Write beside the table; returns the staged file's key by its partition."""
    _clear(table)  # what a run that was killed has left
    prefix = f"{STAGING}/{table.name}/{secrets.token_hex(8)}"
    rows.write.partitionBy(*by).parquet(f"{_root()}/{prefix}")
    keys = [key for key in lake.store().keys(prefix) if key.endswith(".parquet")]
    return {key.removeprefix(prefix).rpartition("/")[0].strip("/"): key for key in keys}


def _swap(table: Table, staged: str | None, **partition: str) -> str | None:
    """Put a staged file in place. It is written once more, because the order of the encodings that Parquet's Java
    writer lists in a file's foot changes from process to process."""
    import pyarrow.parquet as pq

    store, final = lake.store(), lake.key(table, FILE, **partition)
    folder = final.rpartition("/")[0]
    if staged is None:
        store.delete(folder)
        return None
    lake.write(table, FILE, pq.ParquetFile(io.BytesIO(store.read(staged))).read(), **partition)
    for key in list(store.keys(folder)):
        if key != final:
            store.delete(key)
    return final


def _clear(table: Table) -> None:
    lake.store().delete(f"{STAGING}/{table.name}")


def _has_rows(keys: Iterable[str]) -> bool:
    return any(key.endswith(".parquet") for key in keys)


def _listed(values: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, values)))


def _root() -> str:
    """The lake as Spark's Hadoop file systems name it."""
    url = settings().lake
    return url.replace("s3://", "s3a://", 1).rstrip("/")
