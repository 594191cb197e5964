"""The whole simulation: tables of a world, hour by hour, and what is true of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from marquee.contracts.ids import EPOCH_MS
from marquee.contracts.lake import partition_of
from marquee.viewing.simulation.browsing import browse_events
from marquee.viewing.simulation.delivery_faults import messy
from marquee.viewing.simulation.edge_requests import edge_requests
from marquee.viewing.simulation.edge_rows import report_rows, request_rows
from marquee.viewing.simulation.event_rows import player_events
from marquee.viewing.simulation.habits import Habits, Visits
from marquee.viewing.simulation.keyed_random import Ints, KeyedRandom
from marquee.viewing.simulation.playbacks import Plays
from marquee.viewing.simulation.player_events import report_events, steps
from marquee.viewing.simulation.spec import HOUR_MS, Spec
from marquee.viewing.simulation.title_traits import SimTitle, TitleTraits, title_traits
from marquee.viewing.simulation.titles import simulated_titles
from marquee.viewing.simulation.true_playbacks import playbacks
from marquee.viewing.simulation.viewers import LOW_BITS, Viewers, make_viewers

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 1 << 21  # viewers × titles held in memory at once
BLOCK = 2_000  # playbacks told at once: a quarter of a million events


@dataclass(frozen=True)
class Chunk:
    """What began in one hour: rows of the lake's tables, and the truth about the playbacks."""

    dt: str
    hour: str
    events: "pa.Table"  # EVENTS, with the mess that was asked for
    browse: "pa.Table"  # BROWSE
    requests: "pa.Table"  # EDGE_REQUESTS, on the days on which edges log
    reports: "pa.Table"  # EDGE_REPORTS, of the same playbacks
    playbacks: "pa.Table"  # PLAYBACKS as they truly were


def simulate(spec: Spec, titles: Sequence[SimTitle] | None = None, *, batch: int | None = None) -> Iterator[Chunk]:
    """The hours of a world in which something happens, in order.

    `titles` are rows of the lake's `titles`; without them a catalogue is made up (`simulated_titles`). `batch` is how
    many viewers are worked on at once; it changes nothing but the memory that is needed: about 100 bytes per viewer
    of the batch and title, and 200 bytes per playback of the period.
    """
    place = title_traits(spec, titles or simulated_titles(spec), given=bool(titles))
    size = batch or max(1, BATCH // len(place.ids))
    lived = [
        Habits(spec, place, make_viewers(spec, first, min(first + size, spec.viewers))).live()
        for first in range(0, spec.viewers, size)
    ]
    plays = Plays.joined([plays for plays, _ in lived])
    visits = Visits.joined([visits for _, visits in lived])
    del lived
    yield from _hours(spec, place, make_viewers(spec, 0, spec.viewers), plays, visits)


def _hours(spec: Spec, place: TitleTraits, people: Viewers, plays: Plays, visits: Visits) -> Iterator[Chunk]:
    """Hours are told several at a time, as many as make a block; a block of small hours costs what one of them does."""
    by_time, by_moment = np.lexsort((plays.viewer, plays.start)), np.lexsort((visits.viewer, visits.at))
    edges = np.arange(spec.start_ms, spec.end_ms + HOUR_MS, HOUR_MS)
    play_ends = np.searchsorted(plays.start[by_time], edges)
    visit_ends = np.searchsorted(visits.at[by_moment], edges)
    first = 0
    while first < len(edges) - 1:
        last = max(first + 1, int(np.searchsorted(play_ends, play_ends[first] + BLOCK, side="right")) - 1)
        played = plays.take(by_time[play_ends[first] : play_ends[last]])
        visited = visits.take(by_moment[visit_ends[first] : visit_ends[last]])
        yield from _block(spec, place, people, played, visited, edges[first : last + 1])
        first = last


def _block(
    spec: Spec, place: TitleTraits, people: Viewers, plays: Plays, visits: Visits, edges: Ints
) -> Iterator[Chunk]:
    rng = KeyedRandom(spec.seed)
    way = steps(rng, plays)
    reported = report_events(rng, plays, way)
    asked = edge_requests(plays, way)
    asked = asked.take(plays.start[asked.row] >= spec.edges_from_ms)
    told = report_rows(place, people, plays, asked, reported)
    parts = (
        _cut(player_events(place, people, plays, reported), plays.start[reported.row], edges),
        _cut(*browse_events(spec, place, people, visits), edges),
        _cut(request_rows(rng, place, people, plays, asked), plays.start[asked.row], edges),
        _cut(told, (told["session_id"].to_numpy() >> LOW_BITS) + EPOCH_MS, edges),
        _cut(playbacks(place, people, plays, way, reported), plays.start, edges),
    )
    for begins, events, browse, *others in zip(edges.tolist(), *parts, strict=False):
        if events.num_rows or browse.num_rows:
            dt, hour = partition_of((begins - EPOCH_MS) << LOW_BITS)
            yield Chunk(dt, hour, messy(spec, events, "session_id"), messy(spec, browse, "visit_id"), *others)


def _cut(rows: "pa.Table", began: Ints, edges: Ints) -> "list[pa.Table]":
    """Rows by the hour in which their stream began; they are in that order."""
    ends = np.searchsorted(began, edges)
    return [rows.slice(low, high - low) for low, high in pairwise(ends.tolist())]
