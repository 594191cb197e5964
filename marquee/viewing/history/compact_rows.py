"""Holds the good rows of an import as numbers: about 45 bytes each."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from marquee.contracts.lake import HISTORY
from marquee.viewing.history.rows import Seen
from marquee.viewing.lake import schema

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

MISSING = -1  # of seconds and ratings


class Sightings:
    """Who saw what. `users` and `items` hold when each external id was first seen (Unix ms)."""

    def __init__(self, user_id: Callable[[str], int], title_id: Callable[[str], int]) -> None:
        self.users: dict[str, int] = {}
        self.items: dict[str, int] = {}
        self.rows = 0
        self._ids = (user_id, title_id)
        self._known: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self._parts: list[tuple[Any, Any]] = []

    def add(self, seen: list[Seen]) -> None:
        """Take some rows; later ones count as said later."""
        import numpy as np

        numbers = np.array([self._numbers(row) for row in seen], np.int64).reshape(len(seen), 4)
        ratings = np.array([MISSING if row.rating is None else row.rating for row in seen], np.float64)
        self._parts.append((numbers, ratings))
        self.rows += len(seen)

    def _numbers(self, row: Seen) -> tuple[int, int, int, int]:
        self.users[row.user] = min(row.at_ms, self.users.get(row.user, row.at_ms))
        self.items[row.item] = min(row.at_ms, self.items.get(row.item, row.at_ms))
        user, item = (self._id(n, name) for n, name in enumerate((row.user, row.item)))
        return user, item, row.at_ms, MISSING if row.watched_ms is None else row.watched_ms

    def _id(self, kind: int, name: str) -> int:
        known = self._known[kind]
        if name not in known:
            known[name] = self._ids[kind](name)
        return known[name]

    def table(self, origin: str) -> "pa.Table":
        """Rows of HISTORY by viewer, title and time; of those that agree in all three the last."""
        import numpy as np
        import pyarrow as pa

        numbers = np.concatenate([np.empty((0, 4), np.int64), *[part for part, _ in self._parts]])
        ratings = np.concatenate([np.empty(0), *[part for _, part in self._parts]])
        order = np.lexsort((np.arange(len(numbers)), numbers[:, 2], numbers[:, 1], numbers[:, 0]))
        numbers, ratings = numbers[order], ratings[order]
        last = _last(numbers[:, :3])
        numbers, ratings = numbers[last], ratings[last]
        columns = {
            "profile_id": pa.array(numbers[:, 0]),
            "title_id": pa.array(numbers[:, 1]),
            "at_ms": pa.array(numbers[:, 2]),
            "watched_ms": pa.array(numbers[:, 3], mask=numbers[:, 3] == MISSING),
            "rating": pa.array(ratings, mask=ratings == MISSING),
            "origin": pa.repeat(origin, len(numbers)),
        }
        return pa.table({name: columns[name] for name in HISTORY.columns}, schema=schema(HISTORY))


def _last(keys: "npt.NDArray[np.int64]") -> "npt.NDArray[np.bool_]":
    """The last of each run of equal keys."""
    import numpy as np

    return np.append((keys[1:] != keys[:-1]).any(axis=1), True)[: len(keys)]
