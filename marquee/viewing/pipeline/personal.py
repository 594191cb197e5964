"""Everything that the lake keeps of some profiles, for their owner."""

from collections.abc import Collection, Iterator
from typing import Any

from marquee.contracts.lake import TABLES, Table
from marquee.contracts.personal import KeptTable
from marquee.viewing import lake

COLUMN = "profile_id"


def tables_of(profile_ids: Collection[int]) -> Iterator[KeptTable]:
    """The tables of the lake that name profiles, each with the rows of these."""
    for table in TABLES.values():
        if COLUMN in table.columns:
            yield KeptTable(table.name, tuple(table.columns), _rows(table, profile_ids))


def _rows(table: Table, profile_ids: Collection[int]) -> Iterator[dict[str, Any]]:
    """One file after the other, and of each no more than a row group in memory."""
    for key in lake.store().keys(table.name):
        if key.endswith(".parquet"):
            yield from _rows_of_file(key, table, profile_ids)


def _rows_of_file(key: str, table: Table, profile_ids: Collection[int]) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    wanted = pa.array(sorted(profile_ids), pa.int64())
    with lake.store().open(key) as content, pq.ParquetFile(content) as file:
        for n in range(file.num_row_groups):
            named = pc.is_in(file.read_row_group(n, [COLUMN])[COLUMN], wanted)
            if pc.any(named).as_py():  # the other columns are read where there is something to find
                yield from _in_order(file.read_row_group(n).filter(named).to_pylist(), table)


def _in_order(rows: list[dict[str, Any]], table: Table) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {column: row.get(column) for column in table.columns}
