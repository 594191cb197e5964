"""Daily behaviour of simulated viewers: when they come, what they choose, how far they watch.

Everything is decided for a batch of viewers at once; a decision depends on the viewer, the day, the visit and the step
within it, and on what that viewer did before.
"""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from marquee.viewing.simulation.choice import Choice, Memory
from marquee.viewing.simulation.keyed_random import Flags, Floats, Ints, KeyedRandom
from marquee.viewing.simulation.networks import EDGES, badness, startup
from marquee.viewing.simulation.playback_timeline import length
from marquee.viewing.simulation.playbacks import Fate, Plays
from marquee.viewing.simulation.spec import DAY_MS, HOUR_MS, MINUTE_MS, Spec
from marquee.viewing.simulation.title_traits import TitleTraits, liking
from marquee.viewing.simulation.viewers import Viewers, stream_ids

VISITS, STEPS = 2, 6  # at most, per day and per visit
VISIT_SHARES = (0.3, 0.7)  # by daytime and in the evening
LOCAL_HOURS = (  # shares of the hours of a day in which the two begin
    (1, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 4, 6, 6, 5, 4, 3, 2, 0, 0, 0, 0, 0, 1),
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 14, 17, 13, 7, 3),
)
CHILDRENS_HOURS = (0, 0, 0, 0, 0, 0, 2, 4, 4, 3, 2, 2, 3, 4, 6, 9, 12, 12, 10, 5, 1, 0, 0, 0)
WEEKDAYS = (0.85, 0.85, 0.9, 0.95, 1.15, 1.3, 1.25)  # from Monday
HESITANT = 0.25  # share of viewers who rather look than watch
PLAY_ANYTHING = ((0.72, 0.78), (0.04, 0.09))  # share of visits that lead to a playback: of others and these, by arm


@dataclass(frozen=True)
class Visits:
    """Visits to the home page, an entry of each array per visit."""

    viewer: Ints
    at: Ints  # Unix ms
    row: Ints  # of choice.ROWS, by which the title was found; −1 where nothing was played
    title: Ints  # what was played; −1
    session: Ints  # the playback; −1
    played_at: Ints  # Unix ms; −1
    suggested: Ints  # visits × SUGGESTED: what "for you" showed

    def take(self, which: Ints | Flags | slice) -> Self:
        """Some of them, in that order."""
        return type(self)(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """All of several batches."""
        return cls(**{field.name: np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(cls)})


class Habits:
    """A batch of viewers living through the days of a spec; `viewers` are numbered from `viewers.index[0]`."""

    def __init__(self, spec: Spec, traits: TitleTraits, viewers: Viewers) -> None:
        self.spec, self.traits, self.viewers, self.rng = spec, traits, viewers, KeyedRandom(spec.seed)
        self.memory = Memory(len(viewers.ids), len(traits.ids))
        self.choice = Choice(self.rng, traits, viewers, self.memory)
        self.free_at = np.maximum(viewers.created_ms, spec.start_ms)  # when each is done with what came before
        nobody = np.zeros(0, np.int64)
        self.plays = [self._play(nobody, nobody, nobody)]
        self.visits: list[Visits] = []

    def live(self) -> tuple[Plays, Visits]:
        """All playbacks and visits of the batch."""
        for day in range(self.spec.days):
            for visit in range(VISITS):
                self._visit(day, visit)
        return Plays.joined(self.plays), Visits.joined(self.visits)

    def _visit(self, day: int, number: int) -> None:
        who, at = self._coming(day, number)
        place = (self.viewers.index[who], day, number)
        hesitates = (self.rng.uniform("hesitates", self.viewers.index[who]) < HESITANT).astype(np.int64)
        plays = self.rng.uniform("plays", *place) < np.asarray(PLAY_ANYTHING)[hesitates, self.viewers.arm[who]]
        row, title = self.choice.first(who, at, day, number)
        plays &= title >= 0
        browsing = 6_000 + np.minimum(180_000, 25_000 * self.rng.exponential("browsing", *place)).astype(np.int64)
        start = at + browsing
        none = np.full(len(who), -1, np.int64)
        session = self._session(who, start)
        self.visits.append(
            Visits(
                viewer=self.viewers.index[who],
                at=at,
                row=np.where(plays, row, none),
                title=np.where(plays, title, none),
                session=np.where(plays, session, none),
                played_at=np.where(plays, start, none),
                suggested=self.choice.suggested(who, day, number),
            )
        )
        self.free_at[who] = start
        self._watching(who[plays], title[plays], start[plays], day, number)

    def _coming(self, day: int, number: int) -> tuple[Ints, Ints]:
        """Who comes on a day, and when."""
        viewers, spec, rng = self.viewers, self.spec, self.rng
        midnight = spec.start_ms + day * DAY_MS
        weekday = WEEKDAYS[(spec.start.weekday() + day) % 7]
        share = np.minimum(0.98, viewers.rate * weekday * VISIT_SHARES[number])
        hour = rng.pick(LOCAL_HOURS[number], "hour", viewers.index, day, number)
        early = rng.pick(CHILDRENS_HOURS, "child's hour", viewers.index, day, number)
        local = np.where(viewers.kids == 1, early, hour) * HOUR_MS
        at = midnight + local - viewers.offset_ms + rng.below(HOUR_MS, "moment", viewers.index, day, number)
        comes = rng.uniform("comes", viewers.index, day, number) < share
        comes &= (at >= self.free_at + MINUTE_MS) & (at >= spec.start_ms) & (at < spec.end_ms - 5 * MINUTE_MS)
        comes &= at < viewers.leaves_ms
        who = np.flatnonzero(comes)
        return who, at[who]

    def _session(self, who: Ints, start: Ints) -> Ints:
        return stream_ids(self.spec, "stream", start, self.viewers.index[who])

    def _watching(self, who: Ints, title: Ints, start: Ints, day: int, visit: int) -> None:
        """One playback after another, until the viewers have had enough or the period is over."""
        for step in range(STEPS):
            within = start < self.spec.end_ms
            who, title, start = who[within], title[within], start[within]
            if not len(who):
                return
            plays = self._play(who, title, start)
            self.plays.append(plays)
            end = start + length(self.rng, plays)
            self.free_at[who] = end + 1000
            self.memory.keep(who, plays, self.traits, self.rng)
            who, title, start = self.choice.following(who, plays, end, day, visit * STEPS + step)

    def _play(self, who: Ints, title: Ints, start: Ints) -> Plays:
        viewers, rng = self.viewers, self.rng
        viewer = viewers.index[who]
        duration, opened = self.traits.duration_ms[title], self.memory.place[who, title]
        other = (rng.uniform("switches", viewer, start) < 0.22).astype(np.int64)
        home = (viewers.country[who] + viewers.isp[who]) % len(EDGES)
        edge = np.where(rng.uniform("edge", viewer, start) < 0.9, home, 1 - home)
        bad = badness(rng, viewer, start, viewers.isp[who], edge, start + viewers.offset_ms[who])
        fate, reach = self._fate(viewer, start, bad, liking(self.traits, viewers, who, title))
        wait = startup(rng, viewer, start, bad)
        patience = (3_000 + 30_000 * rng.exponential("patience", viewer, start)).astype(np.int64)
        fate = np.where((wait > patience) & (fate < Fate.EXIT), Fate.EXIT, fate)
        wait = np.where(fate == Fate.EXIT, np.minimum(wait, patience), np.where(fate == Fate.REFUSED, 90, wait))
        upto = opened + np.maximum(1_500, ((duration - opened) * reach).astype(np.int64))
        upto = np.where((fate == Fate.FINISHED) | (upto > duration), duration, upto)
        return Plays(
            viewer=viewer,
            title=title,
            start=start,
            session=self._session(who, start),
            opened=opened,
            upto=np.where(fate >= Fate.EXIT, opened, upto),
            fate=fate,
            startup=wait,
            device=viewers.devices[who, other],
            isp=viewers.isp[who],
            edge=edge,
            bad=bad,
        )

    def _fate(self, viewer: Ints, start: Ints, bad: Floats, likes: Floats) -> tuple[Ints, Floats]:
        """How a playback goes, and which share of what remains is watched. Who likes a title stays longer."""
        u = self.rng.uniform("reach", viewer, start)
        fits = 1 / (1 + np.exp(-1.3 * likes))
        bounce, whole = 0.04 + 0.3 * (1 - fits) + 0.25 * bad, 0.15 + 0.6 * fits
        kind = self.rng.uniform("stays", viewer, start)
        credits_ = kind > 1 - 0.4 * whole
        reach = np.where(kind < bounce, 0.09 * u**1.4, 0.1 + 0.85 * u**0.8)
        reach = np.where(kind > 1 - whole, np.where(credits_, 0.93 + 0.06 * u, 1.0), reach)
        fate = np.where((kind > 1 - whole) & ~credits_, Fate.FINISHED, Fate.LEFT)
        luck = self.rng.uniform("luck", viewer, start)
        limit = np.zeros(len(bad))
        for unlucky, share in (
            (Fate.REFUSED, 0.004 + 0 * bad),
            (Fate.FAILED, 0.003 + 0.04 * bad),
            (Fate.BROKEN, 0.003 + 0.04 * bad),
            (Fate.STALLED, 0.1 * bad),
            (Fate.SILENT, 0.07 + 0 * bad),
        ):
            fate = np.where((luck >= limit) & (luck < limit + share), unlucky, fate)
            limit = limit + share
        cut_short = np.isin(fate, [Fate.BROKEN, Fate.STALLED, Fate.SILENT]) & (reach == 1.0)
        return fate.astype(np.int64), np.where(cut_short, 0.05 + 0.9 * u, reach)
