"""Player events as rows of the lake."""

from typing import TYPE_CHECKING, Any

import numpy as np

from marquee.contracts.events import EventName
from marquee.contracts.lake import EVENTS
from marquee.viewing.lake import schema
from marquee.viewing.simulation.arrow_columns import maybe, viewer_columns, words
from marquee.viewing.simulation.networks import EDGES, RUNGS
from marquee.viewing.simulation.playback_timeline import CODE, NAMES
from marquee.viewing.simulation.playbacks import Fate, Plays
from marquee.viewing.simulation.player_events import Told
from marquee.viewing.simulation.title_traits import TitleTraits
from marquee.viewing.simulation.viewers import Crowd

if TYPE_CHECKING:
    import pyarrow as pa

BITRATES = np.asarray([bitrate for _, bitrate in RUNGS], np.int64)
ERRORS = (("network", "segment-timeout"), ("media", "decode-failed"), ("policy", "too-many-streams"))
POLICY = len(ERRORS) - 1


def player_events(traits: TitleTraits, crowd: Crowd, plays: Plays, told: Told) -> "pa.Table":
    """Rows of EVENTS, in order of playback and `seq`, without mess."""
    import pyarrow as pa

    viewer, fate = plays.viewer[told.row], plays.fate[told.row]
    clock = plays.start + crowd.clock_ms[plays.viewer]
    shown = told.rung >= 0
    failed = told.name == CODE[EventName.ERROR]
    refused = fate == Fate.REFUSED
    error = np.where(failed, np.where(refused, POLICY, plays.start[told.row] % POLICY), -1)
    columns: dict[str, Any] = {
        "session_id": plays.session[told.row],
        "version": np.ones(len(told.row), np.int32),
        "seq": told.seq,
        "name": words(NAMES, told.name),
        "viewer_time_ms": clock[told.row] + told.at,
        "received_ms": plays.start[told.row] + told.received,
        "position_ms": told.position,
        "rendition": words(tuple(name for name, _ in RUNGS), told.rung),
        "bitrate": maybe(BITRATES[told.rung], shown),
        "dropped_frames": maybe(told.dropped, told.dropped > 0),
        "edge": words(EDGES, told.edge),
        "error_fatal": maybe(failed, failed),
        "error_category": words(tuple(category for category, _ in ERRORS), error),
        "error_code": words(tuple(code for _, code in ERRORS), error),
        "error_business": maybe(refused, failed),
        **viewer_columns(crowd, viewer, plays.device[told.row]),
        "title_id": traits.ids[plays.title][told.row],
        "release_id": traits.ids[plays.title][told.row],  # no release is known: the title stands for it
        "duration_ms": traits.duration_ms[plays.title][told.row],
    }
    return pa.table({name: columns[name] for name in EVENTS.columns}, schema=schema(EVENTS))
