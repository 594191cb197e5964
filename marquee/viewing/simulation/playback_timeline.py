"""Timeline of a simulated playback: pauses, stalls, seeks and changes of quality, with their times."""

from dataclasses import dataclass

import numpy as np

from marquee.contracts.events import EventName
from marquee.viewing.simulation.keyed_random import Flags, Floats, Ints, KeyedRandom
from marquee.viewing.simulation.networks import EDGES, RUNGS
from marquee.viewing.simulation.playbacks import Fate, Plays
from marquee.viewing.simulation.spec import MINUTE_MS

NAMES = tuple(name.value for name in EventName)
CODE = {name: NAMES.index(name.value) for name in EventName}
NOTHING, GONE = -1, len(NAMES)  # GONE: the moment an app died, which no event tells
CUTS = 12  # at most, in one playback
PAUSE, REBUFFER, SEEK, RENDITION, CDN = range(5)
HEADER = (
    (EventName.VIEW_START, 0.0), (EventName.LOAD_START, 0.02), (EventName.MANIFEST_LOADED, 0.3),
    (EventName.LICENCE_REQUEST, 0.35), (EventName.LICENCE_RESPONSE, 0.6), (EventName.FIRST_FRAME, 1.0),
    (EventName.PLAYING, 1.0),
)  # fmt: skip
NAMED_EDGE = 2  # from this entry of the header on, events name the edge
SHOWN = 5  # from this one on, pictures are there
WIDTH = len(HEADER) + 3 * CUTS + 2


@dataclass(frozen=True)
class Marks:
    """What happens, playback by playback in order; heartbeats are filled in between. An entry of each array a mark."""

    row: Ints  # of the playback
    name: Ints  # of NAMES, or GONE
    at: Ints  # ms since the playback's start
    position: Ints
    moving: Flags  # pictures move from here to the next mark
    stalled: Flags  # rebuffering from here to the next mark
    rung: Ints  # of RUNGS; −1 before the first frame
    edge: Ints  # of EDGES; −1 before one is known


@dataclass(frozen=True)
class _Cuts:
    """Interruptions, playbacks × CUTS. Entries from `count` on mean nothing."""

    count: Ints
    kind: Ints
    at: Ints  # ms since the start
    position: Ints
    lasts: Ints  # ms
    lands: Ints  # position after it
    end_at: Ints  # per playback: when the last stretch ends


def length(rng: KeyedRandom, plays: Plays) -> Ints:
    """Milliseconds from a playback's start to the last thing that happens in it."""
    marks = course(rng, plays)
    last = np.append(marks.row[1:] != marks.row[:-1], True)
    return np.asarray(marks.at[last])


def course(rng: KeyedRandom, plays: Plays) -> Marks:
    """The marks of playbacks; a function of the playbacks alone."""
    cuts = _cuts(rng, plays)
    shape = (len(plays.viewer), WIDTH)
    name, at, position = np.full(shape, NOTHING, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    _header(plays, name, at, position)
    _middle(cuts, name, at, position)
    _tail(rng, plays, cuts, name, at, position)
    rung, edge = _quality(rng, plays, name)
    there = name != NOTHING
    row = np.broadcast_to(np.arange(shape[0])[:, None], shape)[there]
    flat = name[there]
    moving = np.isin(flat, [CODE[n] for n in _MOVING])
    stalled = flat == CODE[EventName.REBUFFER_START]
    return Marks(row, flat, at[there], position[there], moving, stalled, rung[there], edge[there])


_MOVING = (
    EventName.FIRST_FRAME, EventName.PLAYING, EventName.REBUFFER_END, EventName.RENDITION_CHANGE, EventName.CDN_CHANGE,
)  # fmt: skip


def _cuts(rng: KeyedRandom, plays: Plays) -> _Cuts:
    who, start = plays.viewer[:, None], plays.start[:, None]
    number = np.arange(CUTS)[None, :]
    opened, upto = plays.opened[:, None], plays.upto[:, None]
    rates = _rates(plays)
    count = np.where(plays.begun, _poisson(rng, plays, rates.sum(axis=1)), 0)
    there = number < count[:, None]
    drawn = opened + rng.below(upto - opened, "cut", who, start, number)
    position = np.sort(np.where(there, drawn, upto), axis=1)
    before = np.concatenate([opened, position[:, :-1]], axis=1)
    after = np.concatenate([position[:, 1:], upto], axis=1)
    share = (np.cumsum(rates, axis=1) / rates.sum(axis=1, keepdims=True))[:, None, :-1]
    kind = (rng.uniform("kind", who, start, number)[..., None] >= share).sum(axis=2)
    jump = _jump(rng, who, start, number, position - before, after - position)
    lands = position + np.where(kind == SEEK, jump, 0)
    lasts = np.where(there, _lasting(rng, who, start, number, kind), 0)
    stretch = np.where(there, after - lands, 0)  # watched after each cut
    first = plays.startup + position[:, 0] - plays.opened
    at = first[:, None] + np.cumsum(lasts + stretch, axis=1) - lasts - stretch
    end = first + (lasts + stretch).sum(axis=1)
    return _Cuts(count, kind, at, position, lasts, lands, end)


def _rates(plays: Plays) -> Floats:
    """Expected number of each kind of cut: a share per minute, more stalls and changes on bad networks."""
    minutes = (plays.upto - plays.opened) / MINUTE_MS
    bad = plays.bad
    per_minute = (0.02 + 0 * bad, 0.004 + 0.2 * bad**2, 0.02 + 0 * bad, 0.02 + 0.1 * bad, 0.002 + 0.01 * bad)
    return np.stack([minutes * rate + 1e-9 for rate in per_minute], axis=1)


def _poisson(rng: KeyedRandom, plays: Plays, mean: Floats) -> Ints:
    """Poisson numbers by inversion, at most CUTS."""
    u = rng.uniform("cuts", plays.viewer, plays.start)
    term = np.exp(-np.minimum(mean, 50.0))
    total, count = term.copy(), np.zeros(len(mean), np.int64)
    for k in range(1, CUTS + 1):
        count += u >= total
        term = term * mean / k
        total = total + term
    return count


def _jump(rng: KeyedRandom, who: Ints, start: Ints, number: Ints, before: Ints, after: Ints) -> Ints:
    """Back into the stretch before or forward into the one after, so that all stretches stay where they belong."""
    back = rng.below((before * 9) // 10, "back", who, start, number)
    forth = rng.below((after * 8) // 10, "forth", who, start, number)
    return np.where(rng.uniform("way", who, start, number) < 0.5, -back, forth)


def _lasting(rng: KeyedRandom, who: Ints, start: Ints, number: Ints, kind: Ints) -> Ints:
    """Pauses of a minute or so (now and then of most of an hour), stalls and seeks of seconds; changes take no time."""
    median = np.asarray([45_000.0, 2_500.0, 700.0, 0.0, 0.0])[kind]
    spread = np.asarray([1.4, 0.9, 0.5, 0.0, 0.0])[kind]
    return np.asarray(median * np.exp(spread * rng.normal("lasting", who, start, number)), np.int64)


def _header(plays: Plays, name: Ints, at: Ints, position: Ints) -> None:
    refused = plays.fate == Fate.REFUSED
    for column, (event, share) in enumerate(HEADER):
        reached = plays.begun | (share < 0.62) & (plays.fate == Fate.FAILED) | (column < NAMED_EDGE) & ~refused
        reached |= (column < SHOWN) & (plays.fate == Fate.EXIT) | (column == 0)
        name[:, column] = np.where(reached, CODE[event], NOTHING)
        at[:, column] = np.floor(plays.startup * share)
        position[:, column] = plays.opened


def _middle(cuts: _Cuts, name: Ints, at: Ints, position: Ints) -> None:
    """Three places for each cut: what begins it, what ends it, and after a seek the picture that follows."""
    none = NOTHING
    first = np.asarray([CODE[n] for n in (
        EventName.PAUSE, EventName.REBUFFER_START, EventName.SEEKING, EventName.RENDITION_CHANGE, EventName.CDN_CHANGE
    )])  # fmt: skip
    second = np.asarray([CODE[n] for n in (EventName.PLAYING, EventName.REBUFFER_END, EventName.SEEKED)] + [none] * 2)
    third = np.asarray([none, none, CODE[EventName.PLAYING], none, none])
    there = np.arange(CUTS)[None, :] < cuts.count[:, None]
    begin, end = len(HEADER), len(HEADER) + 3 * CUTS
    for offset, codes in enumerate((first, second, third)):
        columns = slice(begin + offset, end, 3)
        name[:, columns] = np.where(there, codes[cuts.kind], none)
        at[:, columns] = cuts.at if offset == 0 else cuts.at + cuts.lasts
        position[:, columns] = cuts.position if offset == 0 else cuts.lands


def _tail(rng: KeyedRandom, plays: Plays, cuts: _Cuts, name: Ints, at: Ints, position: Ints) -> None:
    """The end: what brings it about, and the `viewend` that most players manage to send."""
    fate = plays.fate
    says = np.asarray([0.8, 1.0, 1.0, 0.0, 0.7, 0.75, 0.9, 1.0])[fate]
    said = rng.uniform("viewend", plays.viewer, plays.start) < says
    cause = np.full(len(Fate), NOTHING)
    cause[Fate.FINISHED], cause[Fate.SILENT] = CODE[EventName.ENDED], GONE
    cause[[Fate.BROKEN, Fate.FAILED, Fate.REFUSED]] = CODE[EventName.ERROR]
    cause[Fate.STALLED] = CODE[EventName.REBUFFER_START]
    first = np.where((fate == Fate.EXIT) & ~said, GONE, cause[fate])
    end = np.where(plays.begun, cuts.end_at, plays.startup)
    waits = np.where(first == NOTHING, 0, 200 + rng.below(20_000, "leaving", plays.viewer, plays.start))
    where = np.where(plays.begun, plays.upto, plays.opened)
    name[:, -2], at[:, -2], position[:, -2] = first, end, where
    name[:, -1], at[:, -1], position[:, -1] = np.where(said, CODE[EventName.VIEW_END], NOTHING), end + waits, where


def _quality(rng: KeyedRandom, plays: Plays, name: Ints) -> tuple[Ints, Ints]:
    """Rung and edge in force from each mark on."""
    base = np.minimum(len(RUNGS) - 1, np.floor(plays.bad * 5)).astype(np.int64)
    rung, edge = np.full(name.shape, -1, np.int64), np.full(name.shape, -1, np.int64)
    rung[:, SHOWN:] = base[:, None]
    edge[:, NAMED_EDGE:] = plays.edge[:, None]
    changed = name == CODE[EventName.RENDITION_CHANGE]
    step = 1 + rng.below(len(RUNGS) - 1, "rung", plays.viewer[:, None], plays.start[:, None], np.arange(WIDTH))
    rung[:, SHOWN:] = (base[:, None] + np.cumsum(np.where(changed, step, 0), axis=1)[:, SHOWN:]) % len(RUNGS)
    moved = np.cumsum(name == CODE[EventName.CDN_CHANGE], axis=1)
    edge[:, NAMED_EDGE:] = (edge + moved)[:, NAMED_EDGE:] % len(EDGES)
    rung[~plays.begun] = -1
    edge[name[:, NAMED_EDGE] == NOTHING] = -1  # an attempt that ended before the manifest came has named no edge
    return rung, edge
