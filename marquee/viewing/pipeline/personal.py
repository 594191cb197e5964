"""Everything that the lake keeps of some profiles, for their owner."""

import io
from collections.abc import Collection
from typing import Any

from marquee.contracts.lake import TABLES
from marquee.viewing import lake

COLUMN = "profile_id"


def rows_of(profile_ids: Collection[int]) -> dict[str, list[dict[str, Any]]]:
    """By table of the lake, the rows that name one of the profiles."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    wanted, found, store = pa.array(sorted(profile_ids), pa.int64()), dict[str, list[dict[str, Any]]](), lake.store()
    for key in store.keys(""):
        table = key.split("/", 1)[0]
        if not key.endswith(".parquet") or table not in TABLES:
            continue
        file = pq.ParquetFile(io.BytesIO(store.read(key)))
        if COLUMN in file.schema_arrow.names:
            rows = file.read()
            found.setdefault(table, []).extend(rows.filter(pc.is_in(rows[COLUMN], wanted)).to_pylist())
    return found
