"""What a territory may see now of the catalogue."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from marquee.catalogue.rows import Offered, Window
from marquee.contracts.entitlement import Viewpoint
from marquee.contracts.rows import Chart
from marquee.contracts.territories import WORLD
from marquee.discovery.series import season_place
from marquee.members.entitlement import open_windows
from ml.serving import ServedTitles, TitleFacts

Orders = Mapping[str, Sequence[int]]  # of seasons, by series, where people have said one
Charts = Mapping[str, Mapping[Chart, list[int]]]  # by territory
ALWAYS = {WORLD: ((None, None),)}
SOON_MS = 30 * 24 * 3600 * 1000  # an end further off than this is not told


class ValueCounts(NamedTuple):
    """Numbers of titles by value."""

    genres: Counter[str]
    languages: Counter[str]


@dataclass(frozen=True)
class LocalOffer:
    """The titles that a territory sees, the newest first, with its charts; `until_ms` is of those that leave soon."""

    titles: Mapping[int, Offered]
    until_ms: Mapping[int, int]
    charts: Mapping[Chart, tuple[int, ...]]
    orders: Orders = field(default_factory=dict)
    _by_age: dict[int | None, ServedTitles] = field(default_factory=dict)
    _shown: dict[int | None, frozenset[int]] = field(default_factory=dict)
    _series: dict[str, list[Offered]] = field(default_factory=dict)
    _counts: dict[int | None, ValueCounts] = field(default_factory=dict)

    def shown(self, view: Viewpoint) -> frozenset[int]:
        """The titles that suit the age limit of a viewer."""
        if view.age not in self._shown:
            suitable = set(view.ratings)
            self._shown[view.age] = frozenset(t.title_id for t in self.titles.values() if t.maturity_rating in suitable)
        return self._shown[view.age]

    def counts(self, view: Viewpoint) -> ValueCounts:
        """How many of the titles that suit have each genre and original language."""
        if view.age not in self._counts:
            shown = [self.titles[title_id] for title_id in self.shown(view)]
            genres = Counter(genre for title in shown for genre in title.genres)
            self._counts[view.age] = ValueCounts(genres, Counter(title.language for title in shown))
        return self._counts[view.age]

    def series(self, slug: str) -> Sequence[Offered]:
        """The episodes of a series, in order."""
        if not self._series:
            for title in in_order(self.titles.values(), self.orders):
                self._series.setdefault(title.series or "", []).append(title)
        return self._series.get(slug, ()) if slug else ()

    def served(self, view: Viewpoint) -> ServedTitles:
        """What suits the age limit of a viewer."""
        if view.age not in self._by_age:
            suitable = set(view.ratings)
            shown = [t for t in self.titles.values() if t.maturity_rating in suitable]
            self._by_age[view.age] = _served(shown, self.charts, self.orders)
        return self._by_age[view.age]


def local_offer(titles: Iterable[Offered], charts: Charts, territory: str, orders: Orders) -> LocalOffer:
    """What the territory sees now: by its own windows and the world's, with the world's charts where it has none."""
    now, shown, until_ms = datetime.now(UTC), {}, {}
    for title in titles:
        if title.windows == ALWAYS:  # as most are
            shown[title.title_id] = title
            continue
        windows = [window for place in {WORLD, territory} for window in title.windows.get(place, ())]
        if open_now := open_windows(windows, now):
            shown[title.title_id] = title
            if end := _leaves_ms(open_now, now):
                until_ms[title.title_id] = end
    own, world = charts.get(territory, {}), charts.get(WORLD, {})
    ranked = {chart: tuple(own.get(chart, world.get(chart, ()))) for chart in Chart}
    return LocalOffer(shown, until_ms, ranked, orders)


def in_order(titles: Iterable[Offered], orders: Orders) -> list[Offered]:
    """The episodes of each series one after the other, by the order of its seasons; films are none."""

    def place(title: Offered) -> tuple[str, tuple[int, int], int, int]:
        season = season_place(orders.get(title.series or "", ()), title.season or 0)
        return title.series or "", season, title.number or 0, title.title_id

    return sorted((title for title in titles if title.series), key=place)


def _served(shown: list[Offered], charts: Mapping[Chart, tuple[int, ...]], orders: Orders) -> ServedTitles:
    facts = {t.title_id: TitleFacts(t.names.get(t.language, t.slug), t.genres, t.language, t.series) for t in shown}
    return ServedTitles(facts, tuple(facts), charts, _following(in_order(shown, orders)))


def _following(episodes: Iterable[Offered]) -> dict[int, int]:
    return {a.title_id: b.title_id for a, b in pairwise(episodes) if a.series == b.series}


def _leaves_ms(open_now: list[Window], now: datetime) -> int | None:
    """When the last of the open windows closes, if that is soon."""
    ends = [end for _, end in open_now if end]
    if len(ends) < len(open_now):
        return None
    last = max(ends)
    soon = last.timestamp() * 1000 - now.timestamp() * 1000 <= SOON_MS
    return round(last.timestamp() * 1000) if soon else None
