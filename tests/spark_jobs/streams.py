"""Random player streams: any order of any events, with clocks and positions that do what they like."""

import random
from datetime import UTC, date, datetime
from typing import Any

from marquee.contracts.events import EventName
from marquee.contracts.ids import EPOCH_MS
from marquee.contracts.lake import EVENTS

Row = dict[str, Any]
DAY_ONE = date(2026, 3, 1)
NAMES = [*EventName, *[EventName.HEARTBEAT] * 8, *[EventName.PLAYING] * 4]
NOTHING = dict.fromkeys(("rendition", "bitrate", "dropped_frames", "edge", "error_category", "error_code"))


def session_id(at_ms: int, number: int) -> int:
    return (at_ms - EPOCH_MS) << 22 | number % (1 << 22)


def midnight_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def event(session: int, seq: int, name: str, viewer_time_ms: int, position_ms: int, **more: Any) -> Row:
    row = {
        "session_id": session, "version": 1, "seq": seq, "name": str(name), "viewer_time_ms": viewer_time_ms,
        "received_ms": viewer_time_ms, "position_ms": position_ms, **NOTHING,
        "error_fatal": None, "error_business": None, "profile_id": 7, "origin": "simulated", "device": "tv",
        "country": "DE", "isp": "unknown", "title_id": 11, "release_id": 12, "duration_ms": 600_000,
    } | more  # fmt: skip
    return {name: row[name] for name in EVENTS.columns}


def viewing(start_ms: int, number: int, seconds: int, *, position_ms: int = 0, **more: Any) -> list[Row]:
    """A plain viewing of so many seconds: intent, first frame, heartbeats, end."""
    session, ends_ms = session_id(start_ms, number), seconds * 1000
    beats = [*range(30_000, ends_ms, 30_000), ends_ms]
    rows = [("viewstart", 0, 0), ("firstframe", 400, 0), *(("heartbeat", 400 + at, at) for at in beats)]
    rows.append(("viewend", 400 + ends_ms, ends_ms))
    return [
        event(session, seq, name, start_ms + at, position_ms + place, **more)
        for seq, (name, at, place) in enumerate(rows)
    ]


def wild(rng: random.Random, number: int, days: int = 4) -> list[Row]:
    """A session of any events, with gaps in its sequence, steps of the clock back and forth, jumps of the position."""
    start_ms = midnight_ms(DAY_ONE) + rng.randrange(days * 24 * 60) * 60_000
    session = session_id(start_ms, number)
    clock, position = start_ms + rng.choice((0, 0, 10**9, -(10**9))), rng.randrange(3) * 1000
    about = {
        "profile_id": rng.randrange(4), "title_id": rng.randrange(3), "device": rng.choice(("tv", "phone")),
        "duration_ms": rng.choice((600_000, 60_000, 0)),
    }  # fmt: skip
    rows = []
    for seq in range(rng.randrange(1, 60)):
        clock += rng.choice((0, 500, 5_000, 30_000, 30_000, 200_000, -7_000, 3_000_000))
        position = max(0, position + rng.choice((0, 500, 5_000, 30_000, 30_000, 90_000, -20_000, 1_000_000)))
        if rng.random() < 0.1:
            continue
        rows.append(event(session, seq, rng.choice(NAMES), clock, position, **about, **_odds(rng)))
    return rows


def _odds(rng: random.Random) -> Row:
    fails = rng.random() < 0.03
    return {
        "bitrate": rng.choice((None, None, 800_000, 4_000_000)),
        "edge": rng.choice((None, None, None, "edge-a", "edge-b", "edge-c")),
        "dropped_frames": rng.choice((None, 0, 3)),
        "error_fatal": True if fails else rng.choice((None, False)),
        "error_business": rng.choice((None, True, False)) if fails else None,
    }


def messed(rng: random.Random, rows: list[Row]) -> list[Row]:
    """The same stream as it may come: copies that were received later, or at once and differ, in any order."""
    later = [row | {"received_ms": row["received_ms"] + 1 + rng.randrange(9**9), "position_ms": 5} for row in rows]
    greater = [row | {"position_ms": row["position_ms"] + 1} for row in rows]  # by content, of the same moment
    mixed = [*rows, *(row for copies in (rows, later, greater) for row in rng.sample(copies, len(rows) // 3))]
    rng.shuffle(mixed)
    return mixed
