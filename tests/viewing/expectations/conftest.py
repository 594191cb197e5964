"""A small lake whose truth is simple: viewers who watch from the start, without a pause, on the platform's clock."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from marquee.contracts.ids import EPOCH_MS
from marquee.contracts.lake import (
    DEAD_LETTERS,
    EDGE_REPORTS,
    EDGE_REQUESTS,
    EVENTS,
    PAYMENTS,
    PLAYBACKS,
    PROFILES,
    SESSIONS,
    SUBSCRIPTION_CHANGES,
    TITLES,
    Table,
    partition_of,
)
from marquee.contracts.shipment import Shipment
from marquee.settings import settings
from marquee.viewing import lake

DAY = date(2026, 3, 14)
MIDNIGHT_MS = int(datetime(2026, 3, 14, tzinfo=UTC).timestamp() * 1000)
HOUR_MS, STEP_MS, DURATION_MS = 3_600_000, 30_000, 600_000
TITLE, PROFILE = 11, 22
HOURS, EACH = range(18, 22), 60
VIEWER = {"profile_id": PROFILE, "origin": "demo", "device": "tv", "country": "DE", "isp": "unknown"}
Rows = list[dict[str, Any]]
Change = Callable[[Rows], Rows | None]


def session_id(hour: int, nth: int) -> int:
    return (MIDNIGHT_MS + hour * HOUR_MS + nth * 1000 - EPOCH_MS) << 22 | nth


def made(id_: int) -> int:
    return (id_ >> 22) + EPOCH_MS


def events_of(id_: int, title: int) -> Rows:
    """Three minutes of viewing: an event each half minute."""
    begun = made(id_)
    names = ["viewstart", "firstframe", "playing", *["heartbeat"] * 5, "viewend"]
    rows = []
    for seq, name in enumerate(names):
        watched = max(0, seq - 2) * STEP_MS
        rows.append(
            {"session_id": id_, "version": 1, "seq": seq, "name": name, "viewer_time_ms": begun + watched,
             "received_ms": begun + watched + 200, "position_ms": watched, "edge": "edge-a", **VIEWER,
             "profile_id": PROFILE + id_ % 4096, "title_id": title, "release_id": 1, "duration_ms": DURATION_MS}
        )  # fmt: skip
    return rows


def playback_of(rows: Rows) -> dict[str, Any]:
    first, watched = rows[0], 6 * STEP_MS
    begun = made(first["session_id"])
    return {
        **{name: first[name] for name in ("session_id", "title_id", "release_id", "duration_ms", "edge", *VIEWER)},
        "started_ms": begun, "ended_ms": begun + watched, "events": len(rows), "missing": 0, "watched_ms": watched,
        "covered_ms": watched, "furthest_ms": watched, "first_position_ms": 0, "last_position_ms": watched,
        "stretches": [{"from_ms": 0, "to_ms": watched}], "started": True, "startup_ms": 0,
        "exit_before_start": False, "start_failure": False, "fatal": False, "refused": False, "play_ms": watched,
        "rebuffer_ms": 0, "rebuffers": 0, "bitrate_ms": 0.0, "rated_ms": 0, "dropped_frames": 0,
        "rendition_changes": 0, "clean_end": True,
    }  # fmt: skip


def session_of(playback: dict[str, Any]) -> dict[str, Any]:
    same = ("profile_id", "title_id", "origin", "country", "device", "started_ms", "ended_ms", "watched_ms")
    more = ("covered_ms", "first_position_ms", "last_position_ms", "furthest_ms", "duration_ms")
    return {
        "viewing_session_id": playback["session_id"], **{name: playback[name] for name in same + more}, "devices": 1,
        "playbacks": 1, "completion": playback["covered_ms"] / DURATION_MS, "completed": False,
    }  # fmt: skip


def request_of(rows: Rows) -> dict[str, Any]:
    first = rows[0]
    own = {name: first[name] for name in ("session_id", "profile_id", "origin", "title_id", "edge")}
    served = {"method": "GET", "path": "/1/2/video/h264-720p/1.m4s", "status": 200, "bytes": 9, "ms": 5, "cache": "HIT"}
    said = {"cmcd_session_id": first["session_id"], "at_ms": made(first["session_id"]) + 500}
    return own | served | said | {"request_id": f"{first['session_id']:x}"}


def report_of(rows: Rows) -> dict[str, Any]:
    last = rows[-1]
    same = ("session_id", "seq", "received_ms", "edge", "title_id", "release_id", "duration_ms", *VIEWER)
    return {name: last[name] for name in same} | {"segments": 1, "bytes": 9}


def payment_of(account: int) -> dict[str, Any]:
    period = {"period_start_ms": MIDNIGHT_MS, "period_end_ms": MIDNIGHT_MS + 30 * 24 * HOUR_MS, "at_ms": MIDNIGHT_MS}
    terms = {"plan": "basic", "amount_minor": 799, "currency": "EUR", "status": "paid"}
    return {"payment_id": f"ch_{account}", "account_id": 5000 + account, "origin": "account", **terms, **period}


def changes_of(account: int) -> Rows:
    """A trial, and the plan that follows it."""
    own = {"account_id": 5000 + account, "origin": "account", "plan": "basic"}
    trial = {"change_id": 2 * account, "provider": "trial", "state": "trialing", "at_ms": MIDNIGHT_MS}
    was = {"from_plan": "basic", "from_state": "trialing"}
    plan = {"change_id": 2 * account + 1, "provider": "stripe", "state": "active", "at_ms": MIDNIGHT_MS + HOUR_MS}
    return [own | trial | {"from_plan": None, "from_state": None}, own | was | plan]


class Lake:
    """The rows by table, before they are written: tests change them first, or the files afterwards."""

    def __init__(self) -> None:
        ids = [session_id(hour, nth) for hour in HOURS for nth in range(EACH)]
        streams = [events_of(id_, TITLE + id_ % 3) for id_ in ids]
        self.events: Rows = [row for stream in streams for row in stream]
        self.playbacks: Rows = [playback_of(stream) for stream in streams]
        self.sessions: Rows = [session_of(playback) for playback in self.playbacks]
        self.titles: Rows = [{"title_id": TITLE + n, "name": f"Title {n}", "origin": "catalogue"} for n in range(3)]
        self.profiles: Rows = [{"profile_id": PROFILE + n, "origin": "demo"} for n in range(EACH)]
        self.requests: Rows = [request_of(stream) for stream in streams]
        self.reports: Rows = [report_of(stream) for stream in streams]
        self.dead_letters: Rows = []
        self.payments: Rows = [payment_of(account) for account in range(EACH)]
        self.changes: Rows = [change for account in range(EACH) for change in changes_of(account)]
        self.shipped: dict[str, int] | None = None

    def write(self) -> None:
        files = []
        for table, rows in ((EVENTS, self.events), (EDGE_REQUESTS, self.requests), (EDGE_REPORTS, self.reports)):
            for hour in HOURS:
                mine = [row for row in rows if int(partition_of(row["session_id"])[1]) == hour]
                if mine:
                    files.append(lake.write(table, "log-1.parquet", mine, dt=str(DAY), hour=f"{hour:02d}"))
        if self.dead_letters:
            files.append(lake.write(DEAD_LETTERS, "log-1.parquet", self.dead_letters, dt=str(DAY)))
        lake.write(PLAYBACKS, "part-0.parquet", self.playbacks, dt=str(DAY))
        lake.write(SESSIONS, "part-0.parquet", self.sessions, dt=str(DAY))
        lake.write(TITLES, "titles.parquet", self.titles, source="catalogue")
        lake.write(PROFILES, "profiles.parquet", self.profiles, source="catalogue")
        lake.write(PAYMENTS, "snapshot.parquet", self.payments, source="catalogue")
        lake.write(SUBSCRIPTION_CHANGES, "snapshot.parquet", self.changes, source="catalogue")
        rows = self.shipped or {"events": len(self.events), "dead_letters": len(self.dead_letters)}
        partitions = {"events": (str(DAY),), "dead_letters": (str(DAY),)}
        lake.commit(Shipment(id="1-log", source="log", files=tuple(files), rows=rows, partitions=partitions))

    def remove(self, table: Table, part: str) -> None:
        store = lake.store()
        for key in list(store.keys(table.name)):
            if part in key:
                store.delete(key)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def small(home: Path) -> Lake:
    return Lake()
