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
from marquee.viewing.simulation.player_events import ReportedEvents
from marquee.viewing.simulation.title_traits import TitleTraits
from marquee.viewing.simulation.viewers import Viewers

if TYPE_CHECKING:
    import pyarrow as pa

BITRATES = np.asarray([bitrate for _, bitrate in RUNGS], np.int64)
ERRORS = (("network", "segment-timeout"), ("media", "decode-failed"), ("policy", "too-many-streams"))
POLICY = len(ERRORS) - 1


def player_events(traits: TitleTraits, viewers: Viewers, plays: Plays, reported: ReportedEvents) -> "pa.Table":
    """Rows of EVENTS, in order of playback and `seq`, without mess."""
    import pyarrow as pa

    viewer, fate = plays.viewer[reported.row], plays.fate[reported.row]
    clock = plays.start + viewers.clock_ms[plays.viewer]
    shown = reported.rung >= 0
    failed = reported.name == CODE[EventName.ERROR]
    refused = fate == Fate.REFUSED
    error = np.where(failed, np.where(refused, POLICY, plays.start[reported.row] % POLICY), -1)
    columns: dict[str, Any] = {
        "session_id": plays.session[reported.row],
        "version": np.ones(len(reported.row), np.int32),
        "seq": reported.seq,
        "name": words(NAMES, reported.name),
        "viewer_time_ms": clock[reported.row] + reported.at,
        "received_ms": plays.start[reported.row] + reported.received,
        "position_ms": reported.position,
        "rendition": words(tuple(name for name, _ in RUNGS), reported.rung),
        "bitrate": maybe(BITRATES[reported.rung], shown),
        "dropped_frames": maybe(reported.dropped, reported.dropped > 0),
        "edge": words(EDGES, reported.edge),
        "error_fatal": maybe(failed, failed),
        "error_category": words(tuple(category for category, _ in ERRORS), error),
        "error_code": words(tuple(code for _, code in ERRORS), error),
        "error_business": maybe(refused, failed),
        **viewer_columns(viewers, viewer, plays.device[reported.row]),
        "title_id": traits.ids[plays.title][reported.row],
        "release_id": traits.ids[plays.title][reported.row],  # no release is known: the title stands for it
        "duration_ms": traits.duration_ms[plays.title][reported.row],
    }
    return pa.table({name: columns[name] for name in EVENTS.columns}, schema=schema(EVENTS))
