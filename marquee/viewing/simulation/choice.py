"""Chooses titles for simulated viewers: by taste, popularity, novelty, what was begun, what comes next."""

import numpy as np

from marquee.contracts.rows import RowKind
from marquee.viewing.simulation.keyed_random import Flags, Floats, Ints, KeyedRandom
from marquee.viewing.simulation.playbacks import Fate, Plays
from marquee.viewing.simulation.spec import DAY_MS, MINUTE_MS
from marquee.viewing.simulation.title_traits import TitleTraits, weights
from marquee.viewing.simulation.viewers import Viewers

ROWS = (*(kind.value for kind in RowKind), "search")  # where a title is found
SHARES = (0.0, 0.4, 0.15, 0.12, 0.1, 0.0, 0.05, 0.02, 0.16)  # `continue` and `new` are decided before
SUGGESTED = 10  # titles in a row
TRIES = 8  # to find something unseen before giving up
NEW_MS = 10 * DAY_MS
EPISODES = 10  # so many of a series are looked back
UNSEEN, BEGUN, FINISHED, DROPPED = range(4)


class Memory:
    """What viewers remember of titles."""

    def __init__(self, viewers: int, titles: int) -> None:
        self.place: Ints = np.zeros((viewers, titles), np.int64)  # where to go on
        self.state = np.zeros((viewers, titles), np.int8)
        self.begun = np.full(viewers, -1, np.int64)  # the title begun last that is worth going on with

    def keep(self, who: Ints, plays: Plays, traits: TitleTraits, rng: KeyedRandom) -> None:
        """Note how playbacks went, one per viewer at most."""
        seen = plays.begun
        who, title, upto, fate = who[seen], plays.title[seen], plays.upto[seen], plays.fate[seen]
        share = upto / traits.duration_ms[title]
        over = (fate == Fate.FINISHED) | (share >= 0.93)
        goes_on = rng.uniform("worth it", plays.viewer[seen], plays.start[seen]) < np.where(share < 0.12, 0.1, 0.75)
        state = np.where(over, FINISHED, np.where(goes_on, BEGUN, DROPPED))
        self.state[who, title] = state
        self.place[who, title] = np.where(over, 0, upto)
        ended = (self.begun[who] == title) & (state != BEGUN)
        self.begun[who] = np.where(state == BEGUN, title, np.where(ended, -1, self.begun[who]))


class Choice:
    """The choices of a batch of viewers. `who` are places in the batch."""

    def __init__(self, rng: KeyedRandom, traits: TitleTraits, viewers: Viewers, memory: Memory) -> None:
        self.rng, self.traits, self.viewers, self.memory = rng, traits, viewers, memory
        self.weights = weights(traits, viewers)
        self.sums = np.cumsum(self.weights.ravel())  # whole numbers: exact in any order

    def first(self, who: Ints, at: Ints, day: int, visit: int) -> tuple[Ints, Ints]:
        """The row and the title that a visit leads to; title −1 where a viewer finds nothing."""
        rng, viewer = self.rng, self.viewers.index[who]
        row = rng.pick(SHARES, "row", viewer, day, visit)
        title = self._unseen(who, at, day, visit)
        fresh = self._new(who, at, day, visit)
        takes_new = (rng.uniform("wants new", viewer, day, visit) < 0.15) & (fresh >= 0)
        row, title = np.where(takes_new, ROWS.index(RowKind.NEW), row), np.where(takes_new, fresh, title)
        begun = self.memory.begun[who]
        goes_on = (begun >= 0) & (at < self.traits.gone_ms[begun])
        goes_on &= (rng.uniform("goes on", viewer, day, visit) < 0.5) | (title < 0)
        return np.where(goes_on, ROWS.index(RowKind.CONTINUE), row), np.where(goes_on, begun, title)

    def following(self, who: Ints, plays: Plays, end: Ints, day: int, step: int) -> tuple[Ints, Ints, Ints]:
        """Who watches on after a playback, what, and from when.

        After an end comes the next episode or another title; what was broken off is taken up again soon, perhaps on
        another device, or later than half an hour; what never started is tried again.
        """
        rng, viewer, title = self.rng, plays.viewer, plays.title
        u = rng.uniform("then", viewer, plays.start)
        state, episode = self.memory.state[who, title], self.traits.following[title]
        over, episodic = state == FINISHED, self._open(who, episode, end)
        other = self._unseen(who, end, day, 100 + step)
        again = ((state == BEGUN) & (u < 0.4)) | ((plays.fate >= Fate.EXIT) & (u < 0.7))
        chosen = np.where(over & episodic & (u < 0.7), episode, -1)
        another = (over & ~episodic & (u < 0.3)) | ((state == DROPPED) & (u < 0.55))
        chosen = np.where(again, title, np.where(another, other, chosen))
        at = end + self._gap(plays, again, over & episodic)
        goes = (chosen >= 0) & (at < self.traits.gone_ms[chosen])
        return who[goes], chosen[goes], at[goes]

    def _gap(self, plays: Plays, again: Flags, episodic: Flags) -> Ints:
        soon = 2_000 + self.rng.below(60_000, "soon", plays.viewer, plays.start)
        back = MINUTE_MS + self.rng.below(50 * MINUTE_MS, "back", plays.viewer, plays.start)
        next_up = 3_000 + self.rng.below(9_000, "next up", plays.viewer, plays.start)
        retry = plays.fate >= Fate.EXIT
        return np.where(episodic, next_up, np.where(again & ~retry, back, soon))

    def suggested(self, who: Ints, day: int, visit: int) -> Ints:
        """Visits × SUGGESTED titles, after the viewers' taste; some come twice. −1 where there is none."""
        place = (self.viewers.index[who][:, None], day, visit, np.arange(SUGGESTED)[None, :])
        drawn = self._draw(np.repeat(who, SUGGESTED), self.rng.uniform("suggested", *place).ravel())
        return drawn.reshape(len(who), SUGGESTED)

    def _draw(self, who: Ints, u: Floats) -> Ints:
        """A title by weight for each viewer."""
        titles = self.weights.shape[1]
        start = np.where(who > 0, self.sums[who * titles - 1], 0)
        total = self.sums[who * titles + titles - 1] - start
        found = np.searchsorted(self.sums, start + np.floor(u * total).astype(np.int64), side="right")
        return np.where(total > 0, found - who * titles, -1)

    def _unseen(self, who: Ints, at: Ints, day: int, step: int) -> Ints:
        """A title that is there and was not seen, drawn by weight; who has seen so much sees a favourite again."""
        title = np.full(len(who), -1, np.int64)
        for attempt in range(TRIES):
            wanted = UNSEEN if attempt < TRIES - 2 else FINISHED
            drawn = self._draw(who, self.rng.uniform("choice", self.viewers.index[who], day, step, attempt))
            title = np.where((title < 0) & self._open(who, drawn, at, wanted), drawn, title)
        return self._from_the_start(who, title, at)

    def _from_the_start(self, who: Ints, title: Ints, at: Ints) -> Ints:
        """In a series as far back as episodes are unseen."""
        for _ in range(EPISODES - 1):
            before = np.where(title >= 0, self.traits.preceding[title], -1)
            title = np.where(self._open(who, before, at), before, title)
        return title

    def _open(self, who: Ints, title: Ints, at: Ints, state: int = UNSEEN) -> Flags:
        """Whether a title is there for a viewer, and in the viewer's memory as wanted."""
        there = (title >= 0) & (self.traits.there_ms[title] <= at) & (at < self.traits.gone_ms[title])
        there &= self.weights[who, title] > 0
        return np.asarray(there & (self.memory.state[who, title] == state))

    def _new(self, who: Ints, at: Ints, day: int, visit: int) -> Ints:
        """One of the titles of the last days, by weight; −1 where none is open."""
        if not len(who):
            return np.full(0, -1, np.int64)
        there = self.traits.there_ms
        fresh = np.flatnonzero((there > int(at.min()) - NEW_MS) & (there <= int(at.max())))
        age = at[:, None] - there[fresh][None, :]
        offered = (age >= 0) & (age < NEW_MS) & (at[:, None] < self.traits.gone_ms[fresh][None, :])
        offered &= self.memory.state[who[:, None], fresh[None, :]] == UNSEEN
        sums = np.cumsum(np.where(offered, self.weights[who[:, None], fresh[None, :]], 0), axis=1)
        if not len(fresh):
            return np.full(len(who), -1, np.int64)
        target = np.floor(self.rng.uniform("new", self.viewers.index[who], day, visit) * sums[:, -1]).astype(np.int64)
        place = (sums <= target[:, None]).sum(axis=1)
        return np.where(sums[:, -1] > 0, fresh[np.minimum(place, len(fresh) - 1)], -1)
