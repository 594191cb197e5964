"""Snapshot of the catalogue in memory: what home pages may show now.

Read anew when a title, a series, a chart or an experiment has changed, and sorted anew when a window opens or closes.
That is looked for every few seconds, beside the requests: they go on with the snapshot there is.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from sqlalchemy import Connection

from api.rows.local_offer import ALWAYS, Charts, LocalOffer, local_offer
from marquee.catalogue import rows, series
from marquee.catalogue.database import near_engine
from marquee.catalogue.rows import Offered, Programme
from marquee.catalogue.series import SeriesNames, SeriesRecord
from marquee.contracts.territories import WORLD
from ml.serving import Experiment

MOST_TERRITORIES = 64  # put together for one snapshot at a time


@dataclass(frozen=True)
class CatalogueSnapshot:
    """One state of the catalogue. `serial` grows with each: what was made from an older one is known as such."""

    serial: int
    stand: tuple[int, ...]
    titles: Mapping[int, Offered]  # the newest first
    programmes: Mapping[int, Programme]  # by release
    series: Mapping[str, SeriesRecord]  # of which something is said, by slug
    charts: Charts
    experiment: Experiment | None
    changes_at: float  # Unix s: when a window opens or closes next, in any territory
    languages: frozenset[str]  # of all texts, in lower case
    own: frozenset[str]  # territories with a window or a chart of their own; any other sees what the world does
    _made: dict[str, LocalOffer] = field(default_factory=dict)

    def held(self, territory: str) -> LocalOffer | None:
        """What was put together for the territory before."""
        return self._made.get(territory if territory in self.own else WORLD)

    def local(self, territory: str) -> LocalOffer:
        """What the territory may see; put together once, which takes some milliseconds for thousands of titles."""
        place = territory if territory in self.own else WORLD
        if place not in self._made:
            while len(self._made) >= MOST_TERRITORIES:
                self._made.pop(next(iter(self._made)), None)
            orders = {slug: record.seasons for slug, record in self.series.items() if record.seasons}
            self._made[place] = local_offer(self.titles.values(), self.charts, place, orders)
        return self._made[place]

    def series_names(self, slug: str) -> SeriesNames | None:
        """What a series is called; None where nothing is said of it."""
        record = self.series.get(slug)
        return record.named if record else None


class OfferKeeper:
    """Keeps the newest snapshot. Not for use by several threads at once, except for reading `current`."""

    def __init__(self) -> None:
        self.current: CatalogueSnapshot | None = None
        self.looked_at = 0.0  # monotonic s
        self._serials = count(1)
        self._programmes: dict[int, Programme] = {}
        self._versions: dict[int, int] = {}
        self._titles: dict[int, Offered] = {}
        self._series: dict[str, SeriesRecord] = {}

    def refresh(self) -> CatalogueSnapshot:
        """Look whether anything has changed, and if so read it anew."""
        looked_at = time.monotonic()
        with near_engine().connect() as connection:
            held, stand = self.current, rows.stand(connection)
            if held is None or held.stand != stand or time.time() >= held.changes_at:
                held = self._read(connection, stand)
        self.current, self.looked_at = held, looked_at
        return held

    def _read(self, connection: Connection, stand: tuple[int, ...]) -> CatalogueSnapshot:
        """Only titles that have changed are read: the others stay the very objects that they were."""
        titles = self._current_titles(connection)
        new = [t.release_id for t in titles if t.release_id not in self._programmes]
        known = self._programmes | (rows.programmes(connection, new) if new else {})
        self._programmes = {t.release_id: known[t.release_id] for t in titles if t.release_id in known}
        self._series = series.records(connection, self._series)
        charts, tests = rows.charts(connection), rows.active_tests(connection)
        return _offer(next(self._serials), stand, titles, self._programmes, self._series, charts, tests)

    def _current_titles(self, connection: Connection) -> list[Offered]:
        """The newest first."""
        versions = rows.versions(connection)
        changed = [title_id for title_id, version in versions.items() if self._versions.get(title_id) != version]
        whole = 2 * len(changed) > len(versions)
        if changed:
            fresh = {t.title_id: t for t in rows.offered(connection, None if whole else changed)}
            kept = {} if whole else {t: self._titles[t] for t in self._titles.keys() - set(changed)}
            self._titles = {t.title_id: t for t in rows.newest_first([*kept.values(), *fresh.values()])}
        if gone := self._titles.keys() - versions.keys():
            self._titles = {title_id: title for title_id, title in self._titles.items() if title_id not in gone}
        self._versions = versions
        return list(self._titles.values())


def _offer(
    serial: int,
    stand: tuple[int, ...],
    titles: list[Offered],
    programmes: Mapping[int, Programme],
    said: Mapping[str, SeriesRecord],
    charts: Charts,
    tests: list[rows.Test],
) -> CatalogueSnapshot:
    now = datetime.now(UTC)
    bounded = [title.windows for title in titles if title.windows != ALWAYS]
    windows = [window for each in bounded for those in each.values() for window in those]
    moments = [moment for window in windows for moment in window if moment and moment > now]
    there_are = {t.title_id: t for t in titles if t.release_id in programmes}
    texts = [*(t.names for t in there_are.values()), *(each.named.names for each in said.values())]
    return CatalogueSnapshot(
        serial=serial,
        stand=stand,
        titles=there_are,
        programmes=programmes,
        series=said,
        charts=charts,
        experiment=Experiment(tests[0].name, tests[0].salt, tests[0].arms) if tests else None,
        changes_at=min(moments).timestamp() if moments else float("inf"),
        languages=frozenset(map(str.lower, set[str]().union(*texts))),
        own=frozenset(charts).union(*(t.windows for t in there_are.values())),
    )
