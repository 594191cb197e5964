"""What edges log of simulated playbacks, and what their players say came: rows of the lake."""

from typing import TYPE_CHECKING, Any

import numpy as np

from marquee.contracts.lake import EDGE_REPORTS, EDGE_REQUESTS
from marquee.viewing.lake import schema
from marquee.viewing.simulation.arrow_columns import maybe, nulls, viewer_columns, words
from marquee.viewing.simulation.edge_requests import FINE, SEGMENT_MS, EdgeRequests
from marquee.viewing.simulation.event_rows import BITRATES
from marquee.viewing.simulation.keyed_random import Ints, KeyedRandom
from marquee.viewing.simulation.networks import EDGES, RUNGS
from marquee.viewing.simulation.playbacks import Plays
from marquee.viewing.simulation.player_events import ReportedEvents
from marquee.viewing.simulation.title_traits import TitleTraits
from marquee.viewing.simulation.viewers import Viewers

if TYPE_CHECKING:
    import pyarrow as pa

HIT = 0.92  # of segments are in an edge's cache
TIMEOUT_MS = 15_000
CMCD_VERSION = 2
NAMES = tuple(name for name, _ in RUNGS)


def request_rows(
    rng: KeyedRandom, traits: TitleTraits, viewers: Viewers, plays: Plays, asked: EdgeRequests
) -> "pa.Table":
    """Rows of EDGE_REQUESTS, in the order of the requests."""
    import pyarrow as pa

    row, count = asked.row, len(asked.row)
    whose = viewer_columns(viewers, plays.viewer[row], plays.device[row])
    session, title_id = plays.session[row], traits.ids[plays.title[row]]
    number = np.arange(count) - np.searchsorted(row, row)
    columns: dict[str, Any] = {
        "session_id": session,
        "request_id": [f"{id_:x}{n:04x}" for id_, n in zip(session.tolist(), number.tolist(), strict=True)],
        "at_ms": plays.start[row] + asked.at,
        "edge": words(EDGES, asked.edge),
        "method": _all("GET", count),
        "path": _paths(title_id, asked),
        "kind": _all("video", count),
        "rendition": words(NAMES, asked.rung),
        "segment": asked.segment + 1,
        "status": asked.status,
        "bytes": asked.bytes,
        **_answers(rng, plays, asked),
        "cmcd_version": np.full(count, CMCD_VERSION, np.int64),
        "cmcd_session_id": session,
        "sequence": number,
        "object_duration_ms": np.full(count, SEGMENT_MS, np.int64),
        "bitrate": BITRATES[asked.rung],
        "buffer_ms": nulls("int64", count),
        "throughput": nulls("int64", count),
        "starved": np.zeros(count, bool),
        "profile_id": whose["profile_id"],
        "origin": whose["origin"],
        "title_id": title_id,
    }
    return pa.table({name: columns[name] for name in EDGE_REQUESTS.columns}, schema=schema(EDGE_REQUESTS))


def report_rows(
    traits: TitleTraits, viewers: Viewers, plays: Plays, asked: EdgeRequests, reported: ReportedEvents
) -> "pa.Table":
    """Rows of EDGE_REPORTS: what each player says with its last event, by edge, in order of playback."""
    import pyarrow as pa

    last = np.full(len(plays.viewer), -1, np.int64)
    last[reported.row] = np.arange(len(reported.row))  # of each playback the last one stays
    came = (asked.status == FINE) & (last[asked.row] >= 0)
    came &= asked.at <= reported.at[last[asked.row]] if len(reported.row) else False
    pairs, inverse = np.unique((asked.row * len(EDGES) + asked.edge)[came], return_inverse=True)
    row, edge = pairs // len(EDGES), pairs % len(EDGES)
    title, size = plays.title[row], np.bincount(inverse, weights=asked.bytes[came], minlength=len(pairs))
    columns: dict[str, Any] = {
        "session_id": plays.session[row],
        "seq": reported.seq[last[row]],
        "received_ms": plays.start[row] + reported.received[last[row]],
        "edge": words(EDGES, edge),
        "segments": np.bincount(inverse, minlength=len(pairs)),
        "bytes": size.astype(np.int64),
        **viewer_columns(viewers, plays.viewer[row], plays.device[row]),
        "title_id": traits.ids[title],
        "release_id": traits.ids[title],
        "duration_ms": traits.duration_ms[title],
    }
    return pa.table({name: columns[name] for name in EDGE_REPORTS.columns}, schema=schema(EDGE_REPORTS))


def _answers(rng: KeyedRandom, plays: Plays, asked: EdgeRequests) -> dict[str, Any]:
    """Where each answer came from and how long it took; longer on bad networks."""
    row, failed = asked.row, asked.status != FINE
    hit = ~failed & (rng.uniform("edge hit", plays.title[row], asked.segment, asked.edge, asked.rung) < HIT)
    slow = np.exp(0.7 * rng.normal("edge ms", plays.viewer[row], plays.start[row], asked.at))
    upstream = np.where(failed, TIMEOUT_MS, 80 * slow).astype(np.int64)
    own = (6 * slow * (1 + 20 * plays.bad[row])).astype(np.int64)
    return {
        "ms": own + np.where(hit, 0, upstream),
        "cache": words(("MISS", "HIT"), hit.astype(np.int64)),
        "upstream_ms": maybe(upstream, ~hit),
    }


def _paths(title_id: Ints, asked: EdgeRequests) -> list[str]:
    """No release is known: the title stands for it."""
    places = zip(title_id.tolist(), asked.rung.tolist(), asked.segment.tolist(), strict=True)
    return [f"/{id_}/{id_}/video/{NAMES[rung]}/{segment + 1}.m4s" for id_, rung, segment in places]


def _all(word: str, rows: int) -> "pa.Array":
    return words((word,), np.zeros(rows, np.int64))
