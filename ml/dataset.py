"""The training dataset: who watched what and when, with features of viewers and titles.

Rows are viewers, columns are titles; both keep their numbers when the data is cut in time, so that what a model says
of one cut can be compared with what came after it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from marquee.contracts.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Dataset:
    """Interactions in order of (time, user, item), each pair once; validated when made. Raises InvalidInput."""

    users: Ints  # profile ids, by row
    items: Ints  # title ids, by column
    user: NDArray[np.int32]  # rows of the interactions
    item: NDArray[np.int32]  # their columns
    time: Ints  # Unix milliseconds
    weight: NDArray[np.float32]  # how much it counts, above 0
    user_features: csr_array | None = None  # (rows, features), 0 or 1
    item_features: csr_array | None = None
    user_feature_names: tuple[str, ...] = ()
    item_feature_names: tuple[str, ...] = ()
    year: NDArray[np.float32] | None = None  # in which a title was made; NaN where it is not known
    published: Ints | None = None  # Unix milliseconds, 0 where it is not known
    available: NDArray[np.bool_] | None = None  # titles that may be shown; None: all that have been watched
    unwanted: Ints | None = None  # (n, 3): row, column, since when (Unix ms); thumbs down and hidden titles, in order

    def __post_init__(self) -> None:
        count = len(self.user)
        for name, length in (("item", count), ("time", count), ("weight", count)):
            _expect(len(getattr(self, name)) == length, name, f"{length} values")
        _expect(len(np.unique(self.users)) == len(self.users), "users", "each once")
        _expect(len(np.unique(self.items)) == len(self.items), "items", "each once")
        _expect(_within(self.user, len(self.users)), "user", f"rows below {len(self.users)}")
        _expect(_within(self.item, len(self.items)), "item", f"columns below {len(self.items)}")
        _expect(bool((self.weight > 0).all()), "weight", "above 0")
        pairs = self.user.astype(np.int64) * len(self.items) + self.item
        _expect(len(np.unique(pairs)) == count, "user, item", "each pair once")
        later = np.diff(self.time)
        _expect(bool(((later > 0) | ((later == 0) & (np.diff(pairs) > 0))).all()), "time", "order by time, user, item")
        for name, rows in (("user_features", len(self.users)), ("item_features", len(self.items))):
            matrix = getattr(self, name)
            _expect(
                matrix is None or matrix.shape == (rows, len(getattr(self, name[:-1] + "_names"))), name, "a name each"
            )
        for name in ("year", "published", "available"):
            value = getattr(self, name)
            _expect(value is None or len(value) == len(self.items), name, "a value for every title")
        if self.unwanted is not None:
            _expect(_within(self.unwanted[:, 0], len(self.users)), "unwanted", f"rows below {len(self.users)}")
            _expect(_within(self.unwanted[:, 1], len(self.items)), "unwanted", f"columns below {len(self.items)}")

    def __len__(self) -> int:
        return len(self.user)

    @property
    def shape(self) -> tuple[int, int]:
        """Viewers, titles."""
        return len(self.users), len(self.items)

    def matrix(self) -> csr_array:
        """Viewers × titles, 1 where the title was watched."""
        return csr_array((np.ones(len(self), np.float32), (self.user, self.item)), shape=self.shape)

    def select(self, mask: NDArray[np.bool_]) -> "Dataset":
        """The same viewers and titles with some of the interactions."""
        return replace(self, user=self.user[mask], item=self.item[mask], time=self.time[mask], weight=self.weight[mask])

    def refused(self) -> csr_array:
        """Viewers × titles, 1 where the viewer does not want the title."""
        pairs = np.zeros((0, 3), np.int64) if self.unwanted is None else self.unwanted
        return csr_array((np.ones(len(pairs), np.float32), (pairs[:, 0], pairs[:, 1])), shape=self.shape)

    def withheld(self) -> csr_array:
        """Viewers × titles, above 0 where the title is not to be recommended: it was watched, or is not wanted."""
        return csr_array(self.matrix() + self.refused())

    def liked(self) -> "Dataset":
        """Without the interactions with titles that the viewer does not want: what a model learns from."""
        if self.unwanted is None or not len(self.unwanted):
            return self
        refused = self.unwanted[:, 0] * len(self.items) + self.unwanted[:, 1]
        return self.select(~np.isin(self.user.astype(np.int64) * len(self.items) + self.item, refused))

    def before(self, at: int) -> "Dataset":
        """What was known at a moment (Unix milliseconds): interactions, opinions, and titles published by then."""
        data = self.select(self.time < at)
        if self.unwanted is not None:
            data = replace(data, unwanted=self.unwanted[self.unwanted[:, 2] < at])
        if self.available is None or self.published is None:
            return data
        return replace(data, available=self.available & (self.published < at))

    def shown(self) -> NDArray[np.bool_]:
        """The titles that may be recommended."""
        if self.available is not None:
            return self.available
        watched = np.zeros(len(self.items), bool)
        watched[self.item] = True
        return watched

    def rows(self, profiles: Sequence[int] | Ints) -> Ints:
        """Rows of profiles; -1 where one is not known."""
        return _positions(self.users, np.asarray(profiles, np.int64))

    def columns(self, titles: Sequence[int] | Ints) -> Ints:
        """Columns of titles; -1 where one is not known."""
        return _positions(self.items, np.asarray(titles, np.int64))

    def fingerprint(self) -> str:
        """Hex SHA-256 over all of the content."""
        digest = hashlib.sha256()
        for field in fields(self):
            digest.update(field.name.encode())
            for part in _parts(getattr(self, field.name)):
                digest.update(part)
        return digest.hexdigest()


def _expect(holds: bool, where: str, expected: str) -> None:
    if not holds:
        raise InvalidInput("a dataset that contradicts itself", where=f"dataset.{where}", expected=expected)


def _within(indices: NDArray[np.int32] | Ints, size: int) -> bool:
    return len(indices) == 0 or (int(indices.min()) >= 0 and int(indices.max()) < size)


def _positions(sorted_or_not: Ints, wanted: Ints) -> Ints:
    if len(sorted_or_not) == 0:
        return np.full(len(wanted), -1, np.int64)
    order = np.argsort(sorted_or_not, kind="stable")
    place = np.minimum(np.searchsorted(sorted_or_not, wanted, sorter=order), len(order) - 1)
    found = order[place]
    return np.where(sorted_or_not[found] == wanted, found, -1)


def _parts(value: object) -> list[bytes]:
    if isinstance(value, csr_array):
        return [part.astype(kind).tobytes() for part, kind in
                ((value.indptr, np.int64), (value.indices, np.int64), (value.data, np.float32))]  # fmt: skip
    if isinstance(value, np.ndarray):
        return [str(value.dtype).encode(), value.tobytes()]
    return [repr(value).encode()]


def from_frames(
    interactions: "pd.DataFrame",
    items: "pd.DataFrame | None" = None,
    viewers: "pd.DataFrame | None" = None,
    unwanted: "pd.DataFrame | None" = None,
) -> Dataset:
    """A dataset from tables: interactions with `user`, `item`, `time` (ms) and perhaps `weight`; items with `item` and
    features, of which `year`, `published` and `available` are facts; viewers with `user` and features; what is unwanted
    with `user`, `item` and `time`.

    A pair that comes twice counts at its first time, with its weights added. Every viewer and title of any table gets
    a row or a column, in order of id.
    """
    frame = interactions if "weight" in interactions else interactions.assign(weight=1.0)
    pairs = frame.groupby(["user", "item"], as_index=False).agg(time=("time", "min"), weight=("weight", "sum"))
    pairs = pairs.sort_values(["time", "user", "item"], kind="stable")
    users = _ids(pairs["user"], viewers["user"] if viewers is not None else None)
    titles = _ids(pairs["item"], items["item"] if items is not None else None)
    facts, plain = _facts(items, titles)
    user_features, user_names = encode(viewers, "user", users)
    item_features, item_names = encode(plain, "item", titles)
    return Dataset(
        users=users,
        items=titles,
        user=_positions(users, pairs["user"].to_numpy(np.int64)).astype(np.int32),
        item=_positions(titles, pairs["item"].to_numpy(np.int64)).astype(np.int32),
        time=pairs["time"].to_numpy(np.int64),
        weight=pairs["weight"].to_numpy(np.float32),
        user_features=user_features,
        item_features=item_features,
        user_feature_names=user_names,
        item_feature_names=item_names,
        unwanted=None if unwanted is None else _unwanted(unwanted, users, titles),
        **facts,
    )


def _unwanted(table: "pd.DataFrame", users: Ints, titles: Ints) -> Ints:
    """Rows of Dataset.unwanted: those of viewers and titles that are known, each pair once, since its first time."""
    pairs = table.groupby(["user", "item"], as_index=False)["time"].min().sort_values(["user", "item"])
    row, column = (_positions(ids, pairs[name].to_numpy(np.int64)) for name, ids in (("user", users), ("item", titles)))
    found = np.column_stack([row, column, pairs["time"].to_numpy(np.int64)])
    return found[(row >= 0) & (column >= 0)]


def _ids(seen: "pd.Series", known: "pd.Series | None") -> Ints:
    parts = [seen.to_numpy(np.int64)] + ([] if known is None else [known.to_numpy(np.int64)])
    return np.unique(np.concatenate(parts))


def _facts(items: "pd.DataFrame | None", titles: Ints) -> tuple[dict[str, NDArray], "pd.DataFrame | None"]:
    """What has a field of its own, by title; and the table with the decade in place of the year."""
    if items is None:
        return {}, None
    table = items.drop_duplicates("item").set_index("item").reindex(titles)
    facts: dict[str, NDArray] = {}
    if "year" in table:
        facts["year"] = table["year"].astype("float32").to_numpy(np.float32, na_value=np.nan)
        table["decade"] = [None if np.isnan(year) else str(int(year) // 10 * 10) for year in facts["year"]]
    if "published" in table:
        facts["published"] = table["published"].fillna(0).to_numpy(np.int64)
    if "available" in table:
        facts["available"] = table["available"].eq(True).to_numpy(bool)
    kept = [column for column in table if column not in ("year", "published", "available")]
    return facts, table[kept].reset_index()


def encode(table: "pd.DataFrame | None", key: str, ids: Ints) -> tuple[csr_array | None, tuple[str, ...]]:
    """Features as a 0/1 matrix (ids, features), one column per `name=value`; lists give several, nulls give none."""
    if table is None or not len(table.columns.drop(key)):
        return None, ()
    place = _positions(ids, table[key].to_numpy(np.int64))
    cells = {
        (row, f"{name}={value}")
        for name in table.columns.drop(key)
        for row, cell in zip(place, table[name], strict=True)
        for value in _values(cell)
    }
    names = tuple(sorted({name for _, name in cells}))
    column = {name: index for index, name in enumerate(names)}
    places = sorted((int(row), column[name]) for row, name in cells if row >= 0)
    rows, columns = (np.array([place[axis] for place in places], np.int32) for axis in (0, 1))
    matrix = csr_array((np.ones(len(places), np.float32), (rows, columns)), shape=(len(ids), len(names)))
    return (matrix if names else None), names


def _values(cell: object) -> list[object]:
    if isinstance(cell, list | tuple | np.ndarray):
        return list(cell)
    missing = cell is None or cell != cell or str(cell) == "<NA>"
    return [] if missing else [cell]


def load(*, as_of: int | None = None) -> Dataset:
    """The lake's interactions of the viewers who count, with its titles, profiles and opinions. With `as_of` (Unix ms),
    only what was watched first, published and said before. Raises nothing where the lake is empty: the dataset is empty
    then."""
    from ml import training_tables

    titles, profiles = training_tables.titles(as_of), training_tables.profiles()
    data = from_frames(
        training_tables.interactions(),
        titles if len(titles) else None,
        profiles if len(profiles) else None,
        training_tables.unwanted(),
    )
    return data if as_of is None else data.before(as_of)
