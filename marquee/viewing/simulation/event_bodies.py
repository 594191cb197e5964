"""Bodies for `POST /v1/events` of playback sessions that exist, for load tests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic_core import to_json

from marquee.contracts.ids import created_ms
from marquee.viewing.simulation.event_rows import BITRATES, ERRORS, POLICY
from marquee.viewing.simulation.keyed_random import KeyedRandom
from marquee.viewing.simulation.networks import EDGES, RUNGS
from marquee.viewing.simulation.playback_timeline import NAMES
from marquee.viewing.simulation.playbacks import Fate, Plays
from marquee.viewing.simulation.player_events import ReportedEvents, report_events, steps
from marquee.viewing.simulation.spec import MINUTE_MS

BATCH = 20  # events in a body


@dataclass(frozen=True)
class Opened:
    """A playback session as the API opened it."""

    session_id: int
    duration_ms: int  # of its title


def posts(sessions: Sequence[Opened], *, seed: int = 1, batch: int = BATCH) -> Iterator[bytes]:
    """Bodies of up to `batch` events of one session each, in the order in which they would be sent.

    Deterministic by sessions and seed. A session lasts until about an hour after it was opened at most.
    """
    plays, rng = _plays(sessions, seed), KeyedRandom(seed)
    reported = report_events(rng, plays, steps(rng, plays))
    bounds = np.flatnonzero((reported.seq % batch == 0) | (reported.seq == 0))
    ends = np.append(bounds[1:], len(reported.seq))
    sent = plays.start[reported.row[ends - 1]] + reported.at[ends - 1]
    for body in np.argsort(sent, kind="stable").tolist():
        events = [_event(plays, reported, n) for n in range(bounds[body], ends[body])]
        yield to_json({"events": events})


def _plays(sessions: Sequence[Opened], seed: int) -> Plays:
    """Somebody watches each session for a while; most go well."""
    rng, number = KeyedRandom(seed), np.arange(len(sessions))
    session = np.array([one.session_id for one in sessions], np.int64)
    duration = np.array([one.duration_ms for one in sessions], np.int64)
    until = 1 + rng.below(np.minimum(duration, 60 * MINUTE_MS) - 1, "until", session)
    fates = (Fate.LEFT, Fate.SILENT, Fate.BROKEN, Fate.STALLED, Fate.EXIT, Fate.FAILED)
    fate = np.asarray(fates, np.int64)[rng.pick((0.8, 0.08, 0.03, 0.03, 0.03, 0.03), "fate", session)]
    none = np.zeros(len(sessions), np.int64)
    return Plays(
        viewer=number,
        title=none,
        start=np.array([created_ms(one.session_id) for one in sessions], np.int64),
        session=session,
        opened=none,
        upto=np.where(fate >= Fate.EXIT, 0, until),
        fate=fate,
        startup=300 + rng.below(3_000, "startup", session),
        device=none,
        isp=none,
        edge=rng.below(len(EDGES), "edge", session),
        bad=rng.uniform("bad", session) ** 3,
    )


def _event(plays: Plays, reported: ReportedEvents, n: int) -> dict[str, Any]:
    """One event as JSON has it: ids are strings, what is not known is left out."""
    row, rung, edge = int(reported.row[n]), int(reported.rung[n]), int(reported.edge[n])
    event: dict[str, Any] = {
        "session_id": str(plays.session[row]),
        "seq": int(reported.seq[n]),
        "name": NAMES[reported.name[n]],
        "viewer_time_ms": int(plays.start[row] + reported.at[n]),
        "position_ms": int(reported.position[n]),
    }
    if rung >= 0:
        event |= {"rendition": RUNGS[rung][0], "bitrate": int(BITRATES[rung])}
    if edge >= 0:
        event["edge"] = EDGES[edge]
    if event["name"] == "error":
        category, code = ERRORS[int(plays.start[row]) % POLICY]
        event["error"] = {"fatal": True, "category": category, "code": code}
    return event
