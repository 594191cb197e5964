"""Clean data passes each checkpoint; each planted fault is caught by the expectation named for it, with its rows."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from marquee.contracts.errors import GateFailed, InvalidInput, NotFound
from marquee.contracts.lake import EDGE_REQUESTS, EVENTS, PLAYBACKS, SESSIONS, partition_of
from marquee.contracts.qc import Severity
from marquee.contracts.shipment import Shipment
from marquee.viewing import lake
from marquee.viewing.expectations import checkpoints, kept_runs, limits
from marquee.viewing.expectations.rules import CheckpointReport, Outcome

pytest.importorskip("great_expectations")
DAY = date(2026, 3, 14)
Plant = Callable[[Any, int], None]


def outcome(report: CheckpointReport, name: str) -> Outcome:
    return next(found for found in report.outcomes if found.name == name)


def broken(report: CheckpointReport) -> dict[str, int]:
    return {found.name: found.broken for found in report.outcomes if found.verdict is not Severity.PASS}


def put(table: str, **values: Any) -> Plant:
    return lambda small, nth: getattr(small, table)[nth].update(values)


def grow(table: str, **steps: int) -> Plant:
    def plant(small: Any, nth: int) -> None:
        row = getattr(small, table)[nth]
        row.update({name: row[name] + step for name, step in steps.items()})

    return plant


def twice(table: str) -> Plant:
    return lambda small, nth: getattr(small, table).append(dict(getattr(small, table)[nth]))


def letters(count: int) -> Callable[[Any], None]:
    letter = {"received_ms": 1, "field": "seq", "reason": "missing", "body": "{}"}
    return lambda small: small.dead_letters.extend([letter] * count)


def drop_hour(small: Any) -> None:
    """The files and what was shipped agree: only the hours around tell."""
    small.events = [row for row in small.events if "T19" not in iso(row["received_ms"])]
    small.shipped = {"events": len(small.events)}


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).isoformat()


def skew_viewers(small: Any) -> None:
    for row in small.events:
        row["viewer_time_ms"] += 3_600_000


def skew_some_viewers(small: Any) -> None:
    for row in small.events[: len(small.events) // 10]:
        row["viewer_time_ms"] += 3_600_000


def break_join(small: Any) -> None:
    for row in small.events[:60]:
        row["title_id"] = None


EVENT_ROWS: dict[str, tuple[Plant, str]] = {
    "event_received_after_made": (grow("events", received_ms=-600_000), "fail"),
    "event_title_is_known": (put("events", title_id=404), "warn"),
    "event_profile_is_known": (put("events", profile_id=99), "warn"),
    "event_viewer_time_is_possible": (put("events", viewer_time_ms=7), "fail"),
    "event_position_is_possible": (put("events", position_ms=-1), "fail"),
    "event_position_is_in_title": (put("events", position_ms=9_000_000), "warn"),
    "event_edge_is_known": (put("events", edge="=edge-x"), "warn"),
    "event_device_is_known": (put("events", device="fridge"), "fail"),
    "event_origin_is_known": (put("events", origin="martian"), "fail"),
}
EVENT_FAULTS: dict[str, tuple[Callable[[Any], None], str]] = {
    "shipped_rows_are_there": (lambda small: setattr(small, "shipped", {"events": len(small.events) + 7}), "fail"),
    "no_hour_is_missing": (drop_hour, "fail"),
    "event_title_is_known": (break_join, "fail"),
    "event_is_there_once": (lambda small: small.events.extend([dict(row) for row in small.events[:200]]), "warn"),
    "viewer_clocks_are_right": (skew_viewers, "fail"),
    "dead_letters_are_few": (letters(60), "warn"),
    "dead_letters_are_no_fifth": (letters(900), "fail"),
}
BOOK_ROWS: dict[str, tuple[Plant, str]] = {
    "payment_is_there_once": (twice("payments"), "fail"),
    "payment_status_is_known": (put("payments", status="pending"), "fail"),
    "payment_origin_is_known": (put("payments", origin="martian"), "fail"),
    "payment_amount_is_positive": (put("payments", amount_minor=-1), "fail"),
    "payment_period_ends_after_its_start": (put("payments", period_end_ms=7), "fail"),
    "change_is_there_once": (twice("changes"), "fail"),
    "change_state_is_known": (put("changes", state="frozen"), "fail"),
    "change_origin_is_known": (put("changes", origin="martian"), "fail"),
    "change_follows_the_one_before": (put("changes", from_state="unpaid"), "warn"),
}
REQUEST_ROWS: dict[str, tuple[Plant, str]] = {
    "request_edge_is_known": (put("requests", edge="edge-x"), "warn"),
    "request_origin_is_known": (put("requests", origin="martian"), "fail"),
    "request_status_is_possible": (put("requests", status=0), "warn"),
    "request_comes_after_its_session": (grow("requests", at_ms=-600_000), "fail"),
    "request_cmcd_agrees": (put("requests", cmcd_session_id=7), "warn"),
    "request_is_there_once": (twice("requests"), "warn"),
}
SESSION_ROWS: dict[str, tuple[Plant, str]] = {
    "playback_is_there_once": (twice("playbacks"), "fail"),
    "playback_title_is_known": (put("playbacks", title_id=None), "warn"),
    "playback_profile_is_known": (put("playbacks", profile_id=99), "warn"),
    "playback_starts_by_our_clock": (grow("playbacks", started_ms=500), "fail"),
    "playback_ends_after_its_start": (grow("playbacks", ended_ms=-400_000), "fail"),
    "playback_watched_within_wall_time": (grow("playbacks", watched_ms=900_000), "fail"),
    "playback_watched_is_positive": (put("playbacks", watched_ms=-5), "fail"),
    "playback_covers_what_it_watched": (grow("playbacks", covered_ms=1), "fail"),
    "playback_stretches_add_up": (grow("playbacks", covered_ms=-1), "fail"),
    "playback_is_in_title": (put("playbacks", furthest_ms=9_000_000), "warn"),
    "playback_startup_is_possible": (put("playbacks", startup_ms=-4), "warn"),
    "playback_rebuffering_is_positive": (put("playbacks", rebuffer_ms=-4), "fail"),
    "playback_has_one_outcome": (put("playbacks", start_failure=True), "fail"),
    "playback_device_is_known": (put("playbacks", device="fridge"), "fail"),
    "playback_has_its_session": (lambda small, nth: small.sessions[nth].update(profile_id=77), "fail"),
    "session_is_there_once": (twice("sessions"), "fail"),
    "session_title_is_known": (put("sessions", title_id=404), "warn"),
    "session_profile_is_known": (put("sessions", profile_id=99), "warn"),
    "session_starts_by_our_clock": (grow("sessions", started_ms=500), "fail"),
    "session_ends_after_its_start": (grow("sessions", ended_ms=-400_000), "fail"),
    "session_watched_adds_up": (grow("sessions", watched_ms=1000), "fail"),
    "session_playbacks_add_up": (put("sessions", playbacks=2), "fail"),
    "session_covers_what_it_watched": (grow("sessions", covered_ms=500_000), "fail"),
    "session_completion_is_a_share": (put("sessions", completion=1.5), "fail"),
    "session_completion_follows": (put("sessions", completion=0.9), "fail"),
    "session_device_is_known": (put("sessions", device=""), "fail"),
}


@pytest.mark.parametrize("checkpoint", ["events", "sessions"])
def test_clean_data_passes_every_expectation(small: Any, checkpoint: Any) -> None:
    small.write()
    report = checkpoints.check(checkpoint, [DAY])
    assert broken(report) == {}
    assert all(found.rows for found in report.outcomes if found.frame != "browse"), "an expectation looked at nothing"


@pytest.mark.parametrize("name", EVENT_FAULTS)
def test_faults_of_events_are_caught_by_name(small: Any, name: str) -> None:
    plant, verdict = EVENT_FAULTS[name]
    plant(small)
    small.write()
    assert outcome(checkpoints.inspect("events", [DAY]), name).verdict == verdict


@pytest.mark.parametrize(("checkpoint", "key"), [("events", "session_id"), ("sessions", "session_id")])
def test_faulty_rows_are_caught_by_name_and_key(small: Any, checkpoint: Any, key: str) -> None:
    """Each fault is planted in a row of its own; the expectation named for it names that row."""
    faults = EVENT_ROWS if checkpoint == "events" else SESSION_ROWS
    rows = small.events if checkpoint == "events" else small.playbacks
    planted = {}
    for nth, (name, (plant, _)) in enumerate(faults.items()):
        place = nth * len(rows) // len(faults)
        planted[name] = str(rows[place][key])
        plant(small, place)
    small.write()
    report = checkpoints.inspect(checkpoint, [DAY])
    for name, (_, verdict) in faults.items():
        found = outcome(report, name)
        assert found.verdict == verdict, name
        assert planted[name] in {value for row in found.first for value in row.values()}, name


def test_faults_in_the_books_are_caught_by_name_and_key(small: Any) -> None:
    planted = {}
    for nth, (name, (plant, _)) in enumerate(BOOK_ROWS.items()):
        rows, key = (small.payments, "payment_id") if name.startswith("payment") else (small.changes, "change_id")
        planted[name] = str(rows[5 * nth + 1][key])
        plant(small, 5 * nth + 1)
    small.write()
    report = checkpoints.inspect("events", [DAY])
    for name, (_, verdict) in BOOK_ROWS.items():
        found = outcome(report, name)
        assert found.verdict == verdict, name
        assert planted[name] in {value for row in found.first for value in row.values()}, name


def test_faults_in_edges_logs_are_caught_by_name_and_key(small: Any) -> None:
    planted = {}
    for nth, (name, (plant, _)) in enumerate(REQUEST_ROWS.items()):
        planted[name] = str(small.requests[20 * nth + 1]["request_id"])
        plant(small, 20 * nth + 1)
    small.reports.append(small.reports[3] | {"seq": small.reports[3]["seq"] + 1, "segments": 0})
    small.write()
    report = checkpoints.inspect("events", [DAY])
    for name, (_, verdict) in REQUEST_ROWS.items():
        found = outcome(report, name)
        assert found.verdict == verdict, name
        assert planted[name] in {value for row in found.first for value in row.values()}, name
    assert outcome(report, "report_counts_up").verdict == "warn"


def test_a_request_in_another_hour_than_its_session_is_caught(small: Any) -> None:
    small.write()
    wrong = [row for row in small.requests if partition_of(row["session_id"])[1] == "19"]
    lake.write(EDGE_REQUESTS, "log-1.parquet", wrong, dt=str(DAY), hour="18")
    assert outcome(checkpoints.inspect("events", [DAY]), "request_is_in_its_partition").verdict == "fail"


def test_a_playback_that_never_came_is_told(small: Any) -> None:
    small.playbacks.pop()
    small.sessions.pop()
    small.write()
    assert broken(checkpoints.inspect("sessions", [DAY])) == {"every_stream_has_a_playback": 1}


def test_most_of_a_day_without_playbacks_fails(small: Any) -> None:
    small.playbacks, small.sessions = small.playbacks[:100], small.sessions[:100]
    small.write()
    assert outcome(checkpoints.inspect("sessions", [DAY]), "day_has_its_playbacks").verdict is Severity.FAIL


def test_a_dropped_hour_of_files_is_caught(small: Any) -> None:
    small.write()
    small.remove(EVENTS, "hour=20")
    report = checkpoints.inspect("events", [DAY])
    assert broken(report) == {"shipped_rows_are_there": 1, "shipped_files_are_there": 1, "no_hour_is_missing": 1}
    assert outcome(report, "no_hour_is_missing").first == ({"dt": str(DAY), "hour": "20", "there": "no"},)


def test_a_dropped_day_of_sessions_is_caught_with_every_playback(small: Any) -> None:
    small.write()
    small.remove(SESSIONS, str(DAY))
    report = checkpoints.inspect("sessions", [DAY])
    assert broken(report) == {"playback_has_its_session": len(small.playbacks)}


def test_a_dropped_day_of_playbacks_is_caught(small: Any) -> None:
    small.write()
    small.remove(PLAYBACKS, str(DAY))
    assert outcome(checkpoints.inspect("sessions", [DAY]), "day_has_its_playbacks").verdict is Severity.FAIL


def test_rows_that_a_scrub_took_away_are_not_missed(small: Any) -> None:
    small.write()
    small.remove(EVENTS, "hour=21")
    lake.commit(Shipment(id="2-scrub", source="scrub", files=(), rows={}, partitions={"events": (str(DAY),)}))
    assert broken(checkpoints.inspect("events", [DAY])) == {}


def test_a_file_that_nobody_shipped_is_told(small: Any) -> None:
    small.write()
    lake.write(EVENTS, "stray.parquet", small.events[:1], dt=str(DAY), hour="18")
    found = outcome(checkpoints.inspect("events", [DAY]), "files_were_shipped")
    assert (found.verdict, found.broken) == (Severity.WARN, 1)
    assert found.first[0]["file"].endswith("stray.parquet")


def test_a_few_wrong_clocks_only_warn(small: Any) -> None:
    skew_some_viewers(small)
    small.write()
    assert outcome(checkpoints.inspect("events", [DAY]), "viewer_clocks_are_right").verdict is Severity.WARN


def test_sessions_across_midnight_add_up(small: Any) -> None:
    """A pause of less than half an hour makes two playbacks one session, whose day is the first one's."""
    one, two = small.playbacks[0], small.playbacks[1]
    two.update({name: one[name] for name in ("profile_id", "title_id")})
    session = small.sessions[0]
    session.update(
        playbacks=2, watched_ms=one["watched_ms"] + two["watched_ms"], ended_ms=two["ended_ms"],
    )  # fmt: skip
    small.sessions.pop(1)
    small.write()
    assert broken(checkpoints.inspect("sessions", [DAY])) == {}


def test_the_error_names_expectation_table_rows_and_keys(small: Any) -> None:
    for row in small.playbacks[:30]:
        row["start_failure"] = True
    small.write()
    with pytest.raises(GateFailed) as failed:
        checkpoints.check("sessions", [DAY])
    text = str(failed.value)
    assert "playback_has_one_outcome on playbacks: 30 of 240 rows; expected outcomes at most 1" in text
    assert text.count("session_id=") == limits.FIRST_ROWS
    assert f"session_id={small.playbacks[0]['session_id']}" in text


def test_every_run_is_kept_with_page_and_rows(small: Any, home: Path) -> None:
    small.events[0].update(device="fridge", edge="=edge-x")
    small.write()
    report = checkpoints.inspect("events", [DAY])
    assert kept_runs.names() == [report.run]
    assert kept_runs.load(report.run) == report
    rows = kept_runs.rows(report.run, "event_device_is_known").decode().splitlines()
    assert rows == ["session_id,seq,device", f"{small.events[0]['session_id']},0,fridge"]
    assert "'=edge-x" in kept_runs.rows(report.run, "event_edge_is_known").decode(), "a sheet would run it as a formula"
    page = kept_runs.html(report.run)
    assert "event device is known" in page
    assert "fridge" in page
    assert not re.search(r"https?://|<script", page)


def test_profiles_are_named_nowhere_in_what_is_kept(small: Any, home: Path) -> None:
    strange = 987_654_321_987
    for table in (small.events, small.playbacks, small.sessions):
        for row in table:
            row["profile_id"] = strange
    small.write()
    checkpoints.inspect("events", [DAY])
    checkpoints.inspect("sessions", [DAY])
    kept = [path for path in (home / "work").rglob("*") if path.is_file()]
    assert len(kept) > 4
    assert not [path for path in kept if str(strange).encode() in path.read_bytes()]


def test_old_runs_are_forgotten(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small.write()
    monkeypatch.setattr(limits, "KEPT_RUNS", 2)
    made = [checkpoints.inspect("sessions", [DAY]).run for _ in range(3)]
    assert kept_runs.names() == sorted(made, reverse=True)[:2]
    with pytest.raises(NotFound):
        kept_runs.load(made[0])


@pytest.mark.parametrize("name", ["../../secrets", "20260314T010101001Z-cellar", ""])
def test_only_runs_can_be_read(home: Path, name: str) -> None:
    with pytest.raises(NotFound):
        kept_runs.html(name)
    with pytest.raises(NotFound):
        kept_runs.rows("20260314T010101001Z-events", f"../{name}")


def test_an_empty_lake_has_nothing_to_say(home: Path) -> None:
    for checkpoint in ("events", "sessions"):
        assert checkpoints.check(checkpoint, []).verdict is Severity.PASS


def test_an_unknown_door_is_refused(home: Path) -> None:
    with pytest.raises(InvalidInput, match="no such checkpoint"):
        checkpoints.check("back", [])  # type: ignore[arg-type]


def test_many_rows_are_counted_whole_and_shown_in_part(small: Any) -> None:
    assert len(small.events) > limits.FRAME_ROWS
    for row in small.events:
        row["device"] = "fridge"
    small.write()
    report = checkpoints.inspect("events", [DAY])
    assert outcome(report, "event_device_is_known").broken == len(small.events)
    assert len(kept_runs.rows(report.run, "event_device_is_known").splitlines()) == limits.FRAME_ROWS + 1
