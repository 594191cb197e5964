"""Reads viewing histories from Parquet, CSV or MovieLens' layouts."""

from pathlib import Path

import numpy as np
import pandas as pd

from marquee.contracts.errors import InvalidInput

USER = ("user", "user_id", "userid", "viewer", "viewer_id", "profile_id")
ITEM = ("item", "item_id", "itemid", "movie", "movie_id", "movieid", "title_id")
TIME = ("time", "timestamp", "at", "at_ms", "time_ms", "date")
IGNORED = ("zip_code", "zip", "title", "name")  # as many values as rows: no feature


def interactions(place: str, seed: int = 0, *, after_ms: int | None = None) -> pd.DataFrame:
    """`path` or `path:fold` → user, item, time (ms). A file without times gets the moment `after_ms`, if that is given.

    Raises InvalidInput for a file without viewers, titles or times.
    """
    path, _, fold = place.partition(":")
    table = _read(Path(path))
    if fold:
        table = table[table["fold"] == fold]
    if not len(table):
        raise InvalidInput("no rows", where=place)
    found = pd.DataFrame({"user": _column(table, USER, place), "item": _column(table, ITEM, place)})
    if after_ms is not None and not {column.lower() for column in table} & set(TIME):
        return found.assign(time=np.int64(after_ms))
    found["time"] = _milliseconds(_column(table, TIME, place))
    return dated(found, seed)


def items(place: str | None) -> pd.DataFrame | None:
    """Titles: `item`, their features; a year in a name's brackets becomes `year`, a|b|c a list."""
    if not place:
        return None
    table = _read(Path(place))
    found = table.drop(columns=[c for c in table if c.lower() in (*ITEM, *IGNORED)])
    found.insert(0, "item", _column(table, ITEM, place))
    name = next((table[c] for c in table if c.lower() in ("title", "name")), None)
    if name is not None and "year" not in found:
        found["year"] = pd.to_numeric(name.str.extract(r"\((\d{4})\)\s*$")[0], errors="coerce")
    return _lists(found)


def viewers(place: str | None) -> pd.DataFrame | None:
    """Viewers: `user` and features; ages become bands of ten years where they are not bands already."""
    if not place:
        return None
    table = _read(Path(place))
    found = table.drop(columns=[c for c in table if c.lower() in (*USER, *IGNORED)])
    found.insert(0, "user", _column(table, USER, place))
    if "age" in found and found["age"].nunique() > 12:
        found["age"] = found["age"] // 10 * 10
    return _lists(found)


def dated(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Interactions without a time get that of another one of their viewer, drawn at random: viewers act in sittings.
    A viewer without any gets the middle of the file."""
    missing = table["time"].isna()
    if not missing.any():
        return table.astype({"time": np.int64})
    table = table.sort_values(["user", "item"], kind="stable", ignore_index=True)
    missing = table["time"].isna().to_numpy()
    known = table[~missing].sort_values(["user", "time"], kind="stable")
    owners, times = known["user"].to_numpy(), known["time"].to_numpy(np.int64)
    lost = table.loc[missing, "user"].to_numpy()
    first, last = np.searchsorted(owners, lost, "left"), np.searchsorted(owners, lost, "right")
    draw = first + (np.random.default_rng(seed).random(len(lost)) * (last - first)).astype(int)
    middle = int(np.median(times)) if len(times) else 0
    drawn = np.where(last > first, times[np.minimum(draw, max(len(times) - 1, 0))] if len(times) else 0, middle)
    table.loc[missing, "time"] = drawn
    return table.astype({"time": np.int64})


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InvalidInput("no such file", where=str(path))
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".dat":
        return pd.read_csv(path, sep="::", engine="python", header=None, names=["user", "item", "rating", "timestamp"])
    if path.name in ("u.data", "ua.base", "ub.base", "ua.test", "ub.test"):
        return pd.read_csv(path, sep="\t", header=None, names=["user", "item", "rating", "timestamp"])
    return pd.read_csv(path, sep=None, engine="python")


def _column(table: pd.DataFrame, names: tuple[str, ...], place: str) -> pd.Series:
    for column in table:
        if column.lower() in names:
            return table[column]
    raise InvalidInput("a column is missing", where=place, expected=" or ".join(names), got=", ".join(table))


def _milliseconds(times: pd.Series) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(times):
        stamps = pd.to_datetime(times, utc=True)
        return ((stamps - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(milliseconds=1)).astype("Int64")
    scale = 1000 if times.max() < 10**11 else 1  # seconds, perhaps with a fraction, or milliseconds
    return (times * scale).round().astype("Int64")


def _lists(table: pd.DataFrame) -> pd.DataFrame:
    for column in table:
        if pd.api.types.is_string_dtype(table[column]) and table[column].str.contains("|", regex=False).any():
            table[column] = table[column].str.split("|")
    return table
