"""Requests of simulated players at edges: which piece of the picture is asked for when, and what the edge answers.

A player asks for pictures in pieces of `SEGMENT_MS`, when they are needed; sound is left out. A failure of the network
that a player reports is one that the edge has seen as well.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from marquee.contracts.events import EventName
from marquee.viewing.simulation.event_rows import BITRATES, ERRORS, POLICY
from marquee.viewing.simulation.keyed_random import Flags, Ints
from marquee.viewing.simulation.playback_timeline import CODE
from marquee.viewing.simulation.playbacks import Fate, Plays
from marquee.viewing.simulation.player_events import Steps

SEGMENT_MS = 8_000
NETWORK = [category for category, _ in ERRORS].index("network")
FINE, TIMED_OUT = 200, 504


@dataclass(frozen=True)
class EdgeRequests:
    """Requests of playbacks, in order of playback and time. An entry of each array per request."""

    row: Ints  # of the playback
    at: Ints  # ms since the playback's start
    segment: Ints  # from 0
    rung: Ints
    edge: Ints
    status: Ints

    def take(self, which: Any) -> "EdgeRequests":
        """Some of them, in that order."""
        return EdgeRequests(**{name: values[which] for name, values in self.__dict__.items()})

    @property
    def bytes(self) -> Ints:
        """Of the bodies."""
        return np.where(self.status == FINE, BITRATES[self.rung] * SEGMENT_MS // 8_000, 0)


def edge_requests(plays: Plays, way: Steps) -> EdgeRequests:
    """The requests. The piece in which a pause fell is not asked for again."""
    marks = way.marks
    failed = _network_errors(plays, way)
    source = np.flatnonzero(failed | (marks.moving & (way.told > 0) & (marks.edge >= 0)))
    position = marks.position[source]
    first, end = position // SEGMENT_MS, (position + np.maximum(way.told[source], 1) - 1) // SEGMENT_MS
    number = np.where(failed[source], 1, end - first + 1)
    begins = np.cumsum(number) - number
    segment = np.arange(number.sum()) - np.repeat(begins - first, number)
    mark = np.repeat(source, number)
    bad = failed[mark]
    asked = EdgeRequests(
        row=marks.row[mark],
        at=marks.at[mark] + np.where(bad, 0, np.maximum(0, segment * SEGMENT_MS - marks.position[mark])),
        segment=segment,
        rung=np.maximum(marks.rung[mark], 0),
        edge=marks.edge[mark],
        status=np.where(bad, TIMED_OUT, FINE),
    )
    again = (np.diff(asked.row, prepend=-1) == 0) & (np.diff(asked.segment, prepend=-1) == 0)
    return asked.take(~again | bad)


def _network_errors(plays: Plays, way: Steps) -> Flags:
    """Marks at which a player says that its network failed, and names the edge."""
    marks = way.marks
    of_network = (plays.start % POLICY == NETWORK) & np.isin(plays.fate, [Fate.BROKEN, Fate.FAILED])
    told = (marks.name == CODE[EventName.ERROR]) & of_network[marks.row] & (marks.edge >= 0)
    return np.asarray(told)
