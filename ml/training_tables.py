"""Reads the lake's tables for training: viewers who count, one row per key."""

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from marquee.contracts.lake import INTERACTIONS, OPINIONS, PROFILES, TITLES, Table
from marquee.settings import settings
from marquee.viewing import lake

if TYPE_CHECKING:
    import pandas as pd

SIMULATED = "simulated"


def interactions() -> "pd.DataFrame":
    """`user, item, time (ms of the first viewing), weight` of the viewers who count."""
    table = _counted(read(INTERACTIONS))
    columns = {"user": "profile_id", "item": "title_id", "time": "first_ms", "weight": "weight"}
    frame = table.select(list(columns.values())).rename_columns(list(columns)).to_pandas()
    return frame.assign(weight=frame["weight"].clip(lower=1e-6))


def titles(as_of: int | None = None) -> "pd.DataFrame":
    """Titles with their features; `available` says which may be shown, at `as_of` (Unix ms) or at all."""
    frame = _counted(read(TITLES)).to_pandas().rename(columns={"title_id": "item", "published_ms": "published"})
    if as_of is None:
        frame["available"] = True
    else:
        frame["available"] = frame["available_until_ms"].isna() | (frame["available_until_ms"] > as_of)
    features = ["kind", "language", "year", "maturity_rating", "genres", "people", "countries", "series"]
    return frame[["item", "published", "available", *features]]


def profiles() -> "pd.DataFrame":
    """The viewers who count with their features."""
    frame = _counted(read(PROFILES)).to_pandas().rename(columns={"profile_id": "user"})
    return frame[["user", "languages", "kids", "device", "country", "traits"]]


def unwanted() -> "pd.DataFrame":
    """`user, item, time (ms since when)` of thumbs down and hidden titles of the viewers who count."""
    table = _counted(read(OPINIONS))
    against = pc.or_(pc.fill_null(pc.equal(table["thumb"], "down"), False), pc.fill_null(table["hidden"], False))
    columns = {"user": "profile_id", "item": "title_id", "time": "at_ms"}
    return table.filter(against).select(list(columns.values())).rename_columns(list(columns)).to_pandas()


def simulated_share() -> float:
    """The share of simulated interactions among those that count."""
    table = _counted(read(INTERACTIONS))
    return pc.sum(pc.equal(table["origin"], SIMULATED)).as_py() / len(table) if len(table) else 0.0


def read(table: Table) -> pa.Table:
    """All rows of a table of the lake, each key once: the first file by name has it."""
    store = lake.store()
    files = [store.fetch(key) for key in store.keys(table.name) if key.endswith(".parquet")]
    wanted = lake.schema(table)
    parts = [pq.ParquetFile(file).read(columns=wanted.names).cast(wanted) for file in files]
    rows = pa.concat_tables(parts) if parts else wanted.empty_table()
    seen = pa.table({**{name: rows[name] for name in table.key}, "place": pa.array(range(len(rows)), pa.int64())})
    kept = seen.group_by(list(table.key)).aggregate([("place", "min")])["place_min"]
    return rows.take(kept.combine_chunks().sort())


def _counted(rows: pa.Table) -> pa.Table:
    counted = (*settings().counted.origins, "catalogue")
    return rows.filter(pc.is_in(rows["origin"], pa.array(counted)))
