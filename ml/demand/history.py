"""Plays by day: the cube of titles × territories × days that forecasts are made from."""

import io
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from marquee.contracts.lake import TITLES
from marquee.settings import settings
from marquee.storage import Store
from marquee.viewing import lake

if TYPE_CHECKING:
    import pyarrow as pa

DAYS = 56  # eight weeks: enough for weekdays, short enough for tastes
MART = "marts/title_daily.parquet"
DAY_MS = 86_400_000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Plays:
    """`counts` is (titles, territories, days), the last day being `last`.

    `published` and `until` are days of the epoch between which a title is shown (the second excluded); `features` are
    the names of what a title is, e.g. `genre=drama`.
    """

    counts: Floats
    titles: NDArray[np.int64]
    territories: tuple[str, ...]
    last: date
    published: NDArray[np.int64]
    until: NDArray[np.int64]
    features: tuple[tuple[str, ...], ...]

    @property
    def days(self) -> NDArray[np.int64]:
        """Days of the epoch, one per column of the cube."""
        return ordinal(self.last) - np.arange(self.counts.shape[2])[::-1]

    def upto(self, last: date) -> "Plays":
        """What was known on the evening of a day."""
        gone = (self.last - last).days
        return replace(self, counts=self.counts[:, :, : self.counts.shape[2] - gone], last=last)

    def on(self, day: date) -> Floats:
        """(titles, territories) plays of a day; zeros for one outside the cube."""
        place = self.counts.shape[2] - 1 - (self.last - day).days
        inside = 0 <= place < self.counts.shape[2]
        return self.counts[:, :, place] if inside else np.zeros(self.counts.shape[:2])


def ordinal(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def load(as_of: date) -> Plays | None:
    """The cube of the last eight weeks before a day, from the mart and the lake's titles; None without any plays."""
    warehouse = Store(settings().warehouse, cache=settings().home / "cache" / "warehouse")
    if not warehouse.exists(MART):
        return None
    import pyarrow.parquet as pq

    daily = pq.read_table(io.BytesIO(warehouse.read(MART)), columns=["dt", "title_id", "country", "plays"])
    return cube(daily, _titles(), as_of)


def cube(daily: "pa.Table", known: "list[dict[str, object]]", as_of: date) -> Plays | None:
    """The cube of plays before a day. Titles that only one of the two tables has are in it too."""
    title, territory, day, plays = _columns(daily)
    recent = (day < ordinal(as_of)) & (day >= ordinal(as_of) - DAYS)
    if not recent.any():
        return None
    title, territory, day, plays = title[recent], territory[recent], day[recent], plays[recent]
    rows = {int(str(row["title_id"])): row for row in known}
    titles = np.unique(np.concatenate([title, np.fromiter(rows, np.int64, len(rows))]))
    territories, place = np.unique(territory, return_inverse=True)
    last, first = int(day.max()), int(day.min())
    counts = np.zeros((len(titles), len(territories), last - first + 1))
    np.add.at(counts, (np.searchsorted(titles, title), place, day - first), plays)
    return Plays(
        counts,
        titles,
        tuple(map(str, territories)),
        date(1970, 1, 1) + timedelta(days=last),
        _published(titles, rows, counts, first),
        np.array([_day(rows.get(t, {}).get("available_until_ms"), 2**40) for t in titles.tolist()], np.int64),
        tuple(_features(rows.get(t, {})) for t in titles.tolist()),
    )


def _columns(daily: "pa.Table") -> tuple[NDArray[np.int64], NDArray[np.str_], NDArray[np.int64], Floats]:
    import pyarrow as pa

    day = daily["dt"].cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64)
    territory = daily["country"].to_numpy(zero_copy_only=False).astype(str)
    return daily["title_id"].to_numpy().astype(np.int64), territory, day, daily["plays"].to_numpy().astype(float)


def _published(
    titles: NDArray[np.int64], rows: dict[int, dict[str, object]], counts: Floats, first: int
) -> NDArray[np.int64]:
    """The day a title came: as the catalogue says, or the day it was first played, if that was earlier."""
    played = counts.sum(axis=1) > 0
    seen = np.where(played.any(axis=1), first + played.argmax(axis=1), 2**40)
    said = np.array([_day(rows.get(t, {}).get("published_ms"), 2**40) for t in titles.tolist()], np.int64)
    return np.minimum(said, seen)


def _day(at_ms: object, missing: int) -> int:
    return int(str(at_ms)) // DAY_MS if at_ms else missing


def _features(row: dict[str, object]) -> tuple[str, ...]:
    single = [f"{name}={row[name]}" for name in ("kind", "language", "series") if row.get(name)]
    genres = row.get("genres") or []
    return (*single, *(f"genre={genre}" for genre in genres))  # type: ignore[attr-defined]


def _titles() -> "list[dict[str, object]]":
    """The lake's titles, each once; those that have no date of publication may not be shown yet and are left out."""
    import pyarrow.parquet as pq

    found: dict[int, dict[str, object]] = {}
    for key in lake.store().keys(TITLES.name):
        if key.endswith(".parquet"):
            for row in pq.read_table(io.BytesIO(lake.store().read(key)), partitioning=None).to_pylist():
                found[row["title_id"]] = row
    return [row for row in found.values() if row["published_ms"]]


def today() -> date:
    return datetime.now(UTC).date()
