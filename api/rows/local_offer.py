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
from marquee.members.entitlement import open_windows
from ml.serving import ServedTitles, TitleFacts

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
        """The episodes of a series, in no order."""
        if not self._series:
            for title in self.titles.values():
                self._series.setdefault(title.series or "", []).append(title)
        return self._series.get(slug, ()) if slug else ()

    def served(self, view: Viewpoint) -> ServedTitles:
        """What suits the age limit of a viewer."""
        if view.age not in self._by_age:
            suitable = set(view.ratings)
            shown = [t for t in self.titles.values() if t.maturity_rating in suitable]
            self._by_age[view.age] = _served(shown, self.charts)
        return self._by_age[view.age]


def local_offer(titles: Iterable[Offered], charts: Charts, territory: str) -> LocalOffer:
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
    return LocalOffer(shown, until_ms, {chart: tuple(own.get(chart, world.get(chart, ()))) for chart in Chart})


def _served(shown: list[Offered], charts: Mapping[Chart, tuple[int, ...]]) -> ServedTitles:
    facts = {t.title_id: TitleFacts(t.names.get(t.language, t.slug), t.genres, t.language, t.series) for t in shown}
    return ServedTitles(facts, tuple(facts), charts, _following(shown))


def _following(shown: Iterable[Offered]) -> dict[int, int]:
    episodes = sorted((t.series, t.season or 0, t.number or 0, t.title_id) for t in shown if t.series)
    return {a[3]: b[3] for a, b in pairwise(episodes) if a[0] == b[0]}


def _leaves_ms(open_now: list[Window], now: datetime) -> int | None:
    """When the last of the open windows closes, if that is soon."""
    ends = [end for _, end in open_now if end]
    if len(ends) < len(open_now):
        return None
    last = max(ends)
    soon = last.timestamp() * 1000 - now.timestamp() * 1000 <= SOON_MS
    return round(last.timestamp() * 1000) if soon else None
