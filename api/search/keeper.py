"""Keeps the search index of a process the same as its snapshot of the catalogue.

Each process has an index of its own in memory (docs/adr/0021): it is made at the first search and follows every new
snapshot. Whatever goes wrong with it, it is thrown away and made anew; until then there is none, and searches are
answered by the database.
"""

import asyncio
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from api.rows.catalogue_snapshot import CatalogueSnapshot
from api.rows.local_offer import ALWAYS
from api.rows.service import HomePages
from marquee.catalogue import search
from marquee.catalogue.database import near_engine
from marquee.catalogue.rows import Offered
from marquee.catalogue.series import SeriesRecord
from marquee.contracts.rows import Chart
from marquee.contracts.territories import WORLD
from marquee.discovery.search.document import Credited, SearchDocument
from marquee.discovery.search.index import SearchIndex
from marquee.logs import log
from marquee.members.entitlement import open_windows

STALE_S = 5.0  # an index that has not been seen to hold for so long is waited for
PATIENCE_S = 2.0  # from when it is begun to be made, at most: whoever comes later is answered without it
BLOCK = 2_000  # titles read at a time
EVERYWHERE = frozenset({WORLD})
STEPS = 10  # of popularity: fewer titles change with the charts of each day


class Version(NamedTuple):
    """What a title's entry in the index depends on. A title or series that has changed is another object."""

    title: Offered
    series: SeriesRecord | None
    places: frozenset[str]
    popularity: float

    def same(self, other: "Version") -> bool:
        """Whether both give the same entry."""
        unchanged = self.title is other.title and self.series is other.series
        return unchanged and self.places == other.places and self.popularity == other.popularity


class IndexKeeper:
    """The index of a process. One task at a time changes it."""

    def __init__(self, offers: HomePages) -> None:
        self._offers = offers
        self._index: SearchIndex | None = None
        self._versions: dict[int, Version] = {}
        self._serial = 0
        self._changes_at, self._holds_at, self._began = math.inf, 0.0, 0.0
        self._following: asyncio.Task[None] | None = None

    async def ready(self, snapshot: CatalogueSnapshot) -> SearchIndex | None:
        """The index as of the snapshot or a moment before; None while there is none."""
        if snapshot.serial == self._serial and time.time() < self._changes_at:
            self._holds_at = self._offers.looked_at
        else:
            if self._following is None:
                self._following, self._began = asyncio.create_task(self._follow(snapshot)), time.monotonic()
            late = time.monotonic() - self._holds_at > STALE_S or time.time() >= self._changes_at
            if self._index is None or late:
                await asyncio.wait({self._following}, timeout=max(0.0, self._began + PATIENCE_S - time.monotonic()))
        return self._index

    def discard(self) -> None:
        """Throw the index away; the next search makes a new one."""
        self._index, self._versions, self._serial = None, {}, 0

    async def _follow(self, snapshot: CatalogueSnapshot) -> None:
        held = self._index
        index = held or SearchIndex()
        try:
            versions, changes_at = await asyncio.to_thread(_changed, index, snapshot, self._versions)
            if self._index is held:  # else it was discarded meanwhile
                self._index, self._versions, self._changes_at = index, versions, changes_at
                self._serial, self._holds_at = snapshot.serial, self._offers.looked_at
        except SQLAlchemyError as error:  # nothing was committed: the index is as it was
            log.warning("search index not changed", error=type(error).__name__)
        except Exception as error:
            log.error("search index dropped", error=type(error).__name__)
            self.discard()
        finally:
            self._following = None


def _changed(
    index: SearchIndex, snapshot: CatalogueSnapshot, held: Mapping[int, Version]
) -> tuple[dict[int, Version], float]:
    """Makes the index that of the snapshot; the versions that it has then, and when a window changes them (Unix s)."""
    started, now = time.monotonic(), datetime.now(UTC)
    with near_engine().connect() as connection:
        wanted = _versions(snapshot, _popularity(connection, snapshot), held, now)
        changed = [title_id for title_id, version in wanted.items() if held.get(title_id) is not version]
        gone = held.keys() - wanted.keys()
        if changed or gone:
            index.change(_documents(connection, changed, wanted), gone)
            ms = round((time.monotonic() - started) * 1000)
            log.info("search index changed", changed=len(changed), gone=len(gone), ms=ms)
    return wanted, _next_change(snapshot, now)


def _versions(
    snapshot: CatalogueSnapshot, popularity: Mapping[int, float], held: Mapping[int, Version], now: datetime
) -> dict[int, Version]:
    """By title; of one that has not changed, the very one that is held."""
    wanted = {}
    for title_id, title in snapshot.titles.items():
        series = snapshot.series.get(title.series or "")
        fresh = Version(title, series, _places(title, now), popularity.get(title_id, 0.0))
        version = held.get(title_id)
        wanted[title_id] = version if version is not None and version.same(fresh) else fresh
    return wanted


def _places(title: Offered, now: datetime) -> frozenset[str]:
    """The territories where a window of the title is open."""
    if title.windows == ALWAYS:
        return EVERYWHERE
    return frozenset(place for place, windows in title.windows.items() if open_windows(windows, now))


def _next_change(snapshot: CatalogueSnapshot, now: datetime) -> float:
    """When a window opens or closes after a moment (Unix s)."""
    bounded = (title.windows for title in snapshot.titles.values() if title.windows != ALWAYS)
    windows = (window for each in bounded for those in each.values() for window in those)
    return min((m.timestamp() for window in windows for m in window if m and m > now), default=math.inf)


def _popularity(connection: Connection, snapshot: CatalogueSnapshot) -> dict[int, float]:
    """0 to 1, in steps: of the plays that are expected, else by the place among the ten most played."""
    plays = search.expected_plays(connection)
    if not plays:
        top = snapshot.charts.get(WORLD, {}).get(Chart.TOP10, [])
        plays = {title_id: float(len(top) - rank) for rank, title_id in enumerate(top)}
    most = math.log1p(max(plays.values(), default=0.0)) or 1.0
    return {title_id: round(STEPS * math.log1p(max(0.0, n)) / most) / STEPS for title_id, n in plays.items()}


def _documents(
    connection: Connection, title_ids: Sequence[int], versions: Mapping[int, Version]
) -> Iterator[SearchDocument]:
    for block in _blocks(title_ids):
        words = search.title_words(connection, block)
        for title_id in block:
            if title_id in words:
                yield _document(words[title_id], versions[title_id])


def _blocks(title_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (title_ids[start : start + BLOCK] for start in range(0, len(title_ids), BLOCK))


def _document(words: search.TitleWords, version: Version) -> SearchDocument:
    title, series = version.title, version.series
    return SearchDocument(
        title_id=title.title_id,
        names=title.names,
        synopses=(*words.synopses, *(series.synopses.values() if series else ())),
        credits=tuple(Credited(*credited) for credited in words.credits),
        genres=title.genres,
        kind=title.kind,
        language=title.language,
        year=title.year,
        rating=title.maturity_rating,
        series=title.series,
        series_names=tuple(series.named.names.values()) if series else (),
        places=version.places,
        popularity=version.popularity,
    )
