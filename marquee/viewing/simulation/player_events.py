"""Player events of simulated playbacks, and the true figures of each, which follow from the timeline.

The definitions are those of the table PLAYBACKS in marquee.contracts.lake.
"""

from dataclasses import dataclass

import numpy as np

from marquee.contracts.events import EventName
from marquee.viewing.simulation.keyed_random import Flags, Ints, KeyedRandom
from marquee.viewing.simulation.playback_timeline import CODE, GONE, Marks, course
from marquee.viewing.simulation.playbacks import Plays

HEARTBEAT = CODE[EventName.HEARTBEAT]
HEARTBEAT_MS = 30_000  # the longest a player keeps silent
BATCH_MS = 10_000  # players send what has happened this often


@dataclass(frozen=True)
class ReportedEvents:
    """The events of playbacks, in order of playback and `seq`. An entry of each array per event."""

    row: Ints  # of the playback
    seq: Ints
    name: Ints  # of course.NAMES
    at: Ints  # ms since the playback's start
    received: Ints  # ms since the playback's start
    position: Ints
    rung: Ints
    edge: Ints
    dropped: Ints  # frames so far; 0 before the first


@dataclass(frozen=True)
class Steps:
    """The way from each mark to the next, as far as events tell of it."""

    marks: Marks
    beats: Ints  # heartbeats between the mark and the next
    every: Ints  # ms between heartbeats
    told: Ints  # ms until the next mark, or until the last heartbeat where none follows


def steps(rng: KeyedRandom, plays: Plays) -> Steps:
    """The steps of playbacks."""
    marks = course(rng, plays)
    every = (24_000 + rng.below(HEARTBEAT_MS - 24_000, "heartbeat", plays.viewer, plays.start))[marks.row]
    last = np.append(marks.row[1:] != marks.row[:-1], True)[: len(marks.row)]
    gap = np.where(last, 0, np.roll(marks.at, -1) - marks.at)
    beats = np.maximum(0, -(-gap // every) - 1)
    unheard = np.roll(marks.name == GONE, -1) & ~last
    return Steps(marks, beats, every, np.where(unheard, beats * every, gap))


def report_events(rng: KeyedRandom, plays: Plays, way: Steps) -> ReportedEvents:
    """The events."""
    marks = way.marks
    heard = marks.name != GONE
    source = np.repeat(np.arange(len(heard)), np.where(heard, 1 + way.beats, 0))
    first = np.append(True, source[1:] != source[:-1])[: len(source)]
    beat = _count(first)
    row = marks.row[source]
    passed = beat * way.every[source]
    at = marks.at[source] + passed
    sent = (at // BATCH_MS + 1) * BATCH_MS
    delay = 30 + rng.below(400, "delay", plays.viewer[row], plays.start[row], sent)
    pace = rng.exponential("dropped", plays.viewer, plays.start) * plays.bad / 2_000  # frames per ms
    return ReportedEvents(
        row=row,
        seq=_count(np.append(True, row[1:] != row[:-1])[: len(row)]),
        name=np.where(beat > 0, HEARTBEAT, marks.name[source]),
        at=at,
        received=sent + delay,
        position=marks.position[source] + np.where(marks.moving[source], passed, 0),
        rung=marks.rung[source],
        edge=marks.edge[source],
        dropped=np.where(marks.rung[source] >= 0, np.floor(at * pace[row]), 0).astype(np.int64),
    )


def _count(first: Flags) -> Ints:
    """0, 1, 2 … from each `first` on."""
    number = np.arange(len(first))
    return number - np.maximum.accumulate(np.where(first, number, 0))
