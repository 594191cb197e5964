"""Snapshot of the catalogue in memory: what home pages may show here and now.

Read anew when a title, a chart or an experiment has changed, and sorted anew when a window opens or closes. That is
looked for every few seconds, beside the requests: they go on with the snapshot there is.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, pairwise

from sqlalchemy import Connection

from marquee.catalogue import rows
from marquee.catalogue.database import engine
from marquee.catalogue.rows import Offered, Programme
from marquee.contracts.entitlement import Viewpoint
from marquee.contracts.rows import Chart
from marquee.members.entitlement import open_windows
from marquee.settings import settings
from ml.serving import Experiment, ServedTitles, TitleFacts

SOON_MS = 30 * 24 * 3600 * 1000  # an end further off than this is not told


@dataclass(frozen=True)
class CatalogueSnapshot:
    """One state of the catalogue. `serial` grows with each: what was made from an older one is known as such."""

    serial: int
    stand: tuple[int, ...]
    titles: Mapping[int, Offered]
    programmes: Mapping[int, Programme]  # by release
    until_ms: Mapping[int, int]  # of titles that leave soon
    shown: tuple[Offered, ...]
    charts: Mapping[Chart, tuple[int, ...]]
    experiment: Experiment | None
    changes_at: float  # Unix s: when a window opens or closes next
    languages: frozenset[str]  # of all texts, in lower case
    _by_age: dict[int | None, ServedTitles] = field(default_factory=dict)

    def served(self, view: Viewpoint) -> ServedTitles:
        """What suits the age limit of a viewer."""
        if view.age not in self._by_age:
            suitable = set(view.ratings)
            self._by_age[view.age] = _served([t for t in self.shown if t.maturity_rating in suitable], self.charts)
        return self._by_age[view.age]


class OfferKeeper:
    """Keeps the newest snapshot. Not for use by several threads at once, except for reading `current`."""

    def __init__(self) -> None:
        self.current: CatalogueSnapshot | None = None
        self.looked_at = 0.0  # monotonic s
        self._serials = count(1)
        self._programmes: dict[int, Programme] = {}

    def refresh(self) -> CatalogueSnapshot:
        """Look whether anything has changed, and if so read it anew."""
        looked_at = time.monotonic()
        with engine().connect() as connection:
            held, stand = self.current, rows.stand(connection)
            if held is None or held.stand != stand or time.time() >= held.changes_at:
                held = self._read(connection, stand)
        self.current, self.looked_at = held, looked_at
        return held

    def _read(self, connection: Connection, stand: tuple[int, ...]) -> CatalogueSnapshot:
        territory = settings().territory
        titles = rows.offered(connection, territory)
        new = [t.release_id for t in titles if t.release_id not in self._programmes]
        known = self._programmes | (rows.programmes(connection, new) if new else {})
        self._programmes = {t.release_id: known[t.release_id] for t in titles if t.release_id in known}
        charts, tests = rows.charts(connection, territory), rows.active_tests(connection)
        return _offer(next(self._serials), stand, titles, self._programmes, charts, tests)


def _offer(
    serial: int,
    stand: tuple[int, ...],
    titles: list[Offered],
    programmes: Mapping[int, Programme],
    charts: Mapping[Chart, tuple[int, ...]],
    tests: list[rows.Test],
) -> CatalogueSnapshot:
    now = datetime.now(UTC)
    shown = [t for t in titles if t.release_id in programmes and open_windows(t.windows, now)]
    moments = [moment for t in titles for window in t.windows for moment in window if moment and moment > now]
    return CatalogueSnapshot(
        serial=serial,
        stand=stand,
        titles={t.title_id: t for t in shown},
        programmes=programmes,
        until_ms={t.title_id: end for t in shown if (end := _leaves_ms(t, now)) is not None},
        shown=tuple(shown),
        charts=charts,
        experiment=Experiment(tests[0].name, tests[0].salt, tests[0].arms) if tests else None,
        changes_at=min(moments).timestamp() if moments else float("inf"),
        languages=frozenset(language.lower() for t in shown for language in t.names),
    )


def _served(shown: list[Offered], charts: Mapping[Chart, tuple[int, ...]]) -> ServedTitles:
    facts = {t.title_id: TitleFacts(t.names.get(t.language, t.slug), t.genres, t.language, t.series) for t in shown}
    return ServedTitles(facts, tuple(facts), charts, _following(shown))


def _following(shown: Iterable[Offered]) -> dict[int, int]:
    episodes = sorted((t.series, t.season or 0, t.number or 0, t.title_id) for t in shown if t.series)
    return {a[3]: b[3] for a, b in pairwise(episodes) if a[0] == b[0]}


def _leaves_ms(title: Offered, now: datetime) -> int | None:
    """When the last of its open windows closes, if that is soon and no other follows at once."""
    ends = [end for _, end in open_windows(title.windows, now)]
    if not ends or None in ends:
        return None
    last = max(end for end in ends if end)
    soon = last.timestamp() * 1000 - now.timestamp() * 1000 <= SOON_MS
    return round(last.timestamp() * 1000) if soon else None
