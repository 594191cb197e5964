import asyncio
import json
import resource
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.events.stream_context import Contexts
from api.middleware import MAX_BODY
from marquee.catalogue.database import begin
from marquee.catalogue.models import VisitRow
from marquee.contracts.lake import TABLES
from marquee.contracts.members import Origin
from marquee.settings import settings
from marquee.viewing.eventlog.lines import MAX_BODY as MAX_LETTER
from marquee.viewing.eventlog.reader import unshipped
from tests.api.conftest import OpenSession, Publish, assert_problem, bearer
from tests.households import household

EVENTS = "/v1/events"
NOW_MS = 1_790_000_000_000


@pytest.fixture
def grant(publish: Publish, open_session: OpenSession) -> dict[str, Any]:
    return open_session(publish())


@pytest.fixture
def visit(catalogue: None) -> str:
    """The id of a visit of a simulated viewer."""
    whose = household(origin=Origin.SIMULATED, name="Vera", languages=["de"])
    with begin() as session:
        owner = {"account_id": whose.account_id, "profile_id": whose.profile_id}
        row = VisitRow(**owner, device="tv", country="AT", isp="Example Net")
        session.add(row)
        session.flush()
        return str(row.id)


def event(grant: dict[str, Any], seq: int = 0, **more: Any) -> dict[str, Any]:
    required = {
        "session_id": grant["session_id"], "seq": seq, "name": "playing", "viewer_time_ms": NOW_MS, "position_ms": 2
    }  # fmt: skip
    return {**required, **more}


def post(client: TestClient, *events: Any) -> dict[str, Any]:
    answer = client.post(EVENTS, json={"events": list(events)})
    assert answer.status_code == 202, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def logged(table: str) -> list[dict[str, Any]]:
    """The rows of a table that stand in the log, without its name."""
    rows = [row for row in unshipped(settings().event_log) if row.pop("table") == table]
    assert all(set(row) <= set(TABLES[table].columns) for row in rows)
    return rows


def test_an_event_is_in_the_log_with_what_the_house_knows_of_its_session(
    client: TestClient, publish: Publish, open_session: OpenSession
) -> None:
    title = publish()
    grant = open_session(title)
    error = {"fatal": True, "category": "media", "code": "3016"}
    more = {"name": "error", "error": error, "bitrate": 5, "edge": "edge-a", "rendition": "h264-360p"}
    assert post(client, event(grant, 7, **more)) == {"accepted": 1, "rejected": []}
    (row,) = logged("events")
    said = {"session_id": int(grant["session_id"]), "seq": 7, "version": 1, "name": "error", "bitrate": 5}
    said |= {"viewer_time_ms": NOW_MS, "position_ms": 2, "edge": "edge-a", "rendition": "h264-360p"}
    said |= {"error_fatal": True, "error_category": "media", "error_code": "3016", "error_business": False}
    known = {"title_id": int(title.title_id), "release_id": int(title.release_id), "duration_ms": 600_000}
    known |= {"origin": "account", "device": "unknown", "country": "ZZ", "isp": "unknown"}
    assert row.items() >= (said | known).items()
    assert row["received_ms"] > NOW_MS - 10**10
    unsaid = {"dropped_frames"}
    assert set(row) == set(TABLES["events"].columns)
    assert {name for name in row if row[name] is None} == unsaid


def test_a_browse_event_is_known_by_its_visit(client: TestClient, visit: str) -> None:
    shown = {"visit_id": visit, "seq": 0, "name": "shown", "viewer_time_ms": NOW_MS, "row": "for_you"}
    shown |= {"titles": ["5", "6"], "generation": "9", "arm": "b", "position": None}
    assert post(client, shown) == {"accepted": 1, "rejected": []}
    (row,) = logged("browse")
    assert set(row) == set(TABLES["browse"].columns)
    assert (row["visit_id"], row["titles"], row["generation"]) == (int(visit), [5, 6], 9)
    assert (row["origin"], row["device"], row["country"], row["isp"]) == ("simulated", "tv", "AT", "Example Net")


def test_an_event_that_comes_again_is_accepted_again_for_the_readers_to_drop(
    client: TestClient, grant: dict[str, Any]
) -> None:
    for _ in range(2):
        assert post(client, event(grant, 1), event(grant, 0))["accepted"] == 2
    assert [row["seq"] for row in logged("events")] == [1, 0, 1, 0]


def test_what_is_known_of_a_session_is_asked_for_once(
    client: TestClient, grant: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    post(client, event(grant, 0))
    monkeypatch.setattr("api.events.stream_context.begin", None)
    assert post(client, event(grant, 1))["accepted"] == 1


def test_only_so_many_streams_are_remembered_the_latest_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[set[tuple[str, int]]] = []

    def look_up(wanted: set[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        asked.append(set(wanted))
        return {stream: b"," for stream in wanted if stream[1]}

    monkeypatch.setattr("api.events.stream_context._look_up", look_up)
    contexts = Contexts(limit=2)
    for session_id in (1, 2, 1, 3, 1, 2, 0, 0):
        found = asyncio.run(contexts.of({("session", session_id)}))
        assert bool(found) == bool(session_id)
    assert [stream[1] for (stream,) in asked] == [1, 2, 3, 2, 0, 0]


def test_a_beacon_may_send_plain_text(client: TestClient, grant: dict[str, Any]) -> None:
    body = json.dumps({"events": [event(grant)]})
    answer = client.post(EVENTS, content=body, headers={"Content-Type": "text/plain;charset=UTF-8"})
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)


def test_events_of_sessions_that_are_over_are_kept_and_of_unknown_ones_refused(
    client: TestClient, grant: dict[str, Any]
) -> None:
    client.delete(f"/v1/playback-sessions/{grant['session_id']}", headers=bearer(grant))
    receipt = post(client, event({"session_id": "99"}), event(grant, name="viewend"))
    assert receipt["accepted"] == 1
    assert receipt["rejected"] == [{"index": 0, "field": "session_id", "reason": "no such playback session"}]
    assert [row["name"] for row in logged("events")] == ["viewend"]


def test_a_full_disk_is_answered_503_and_keeps_nothing_until_there_is_room(
    client: TestClient, grant: dict[str, Any]
) -> None:
    post(client, event(grant, 0))
    (segment,) = settings().event_log.glob("*/*.open")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (segment.stat().st_size + 300, hard))  # no file grows beyond
    try:
        answers = [client.post(EVENTS, json={"events": [event(grant, n), event(grant, n + 1)]}) for n in (1, 3)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    for answer in answers:
        assert_problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "5"
    assert post(client, event(grant, 5))["accepted"] == 1
    assert [row["seq"] for row in logged("events")] == [0, 5]


def test_a_session_is_no_visit(client: TestClient, grant: dict[str, Any], visit: str) -> None:
    shown = {"visit_id": grant["session_id"], "seq": 0, "name": "shown", "viewer_time_ms": NOW_MS}
    receipt = post(client, shown, event({"session_id": visit}))
    assert [(r["field"], r["reason"]) for r in receipt["rejected"]] == [
        ("visit_id", "no such visit"), ("session_id", "no such playback session")
    ]  # fmt: skip


BAD = {
    "not an object": 7,
    "no name": {"name": None},
    "an unknown field": {"colour": "red"},
    "a null session": {"session_id": None},
    "a list as session": {"session_id": []},
    "an endless session": {"session_id": 10**30},
    "a negative session": {"session_id": "-1"},
    "an endless sequence": {"seq": 10**30},
    "a sequence of digits too many": {"seq": "9" * 5000},
    "a NUL": {"rendition": "\0"},
    "a NUL in an error": {"error": {"fatal": True, "category": "x", "code": "\0"}},
    "another version": {"version": 2},
    "a clock before 2020": {"viewer_time_ms": 1_577_836_799_999},
    "a clock after 2100": {"viewer_time_ms": 4_102_444_800_000},
    "a position beyond 64 bits": {"position_ms": 2**63},
    "a position beyond any title": {"position_ms": 14 * 24 * 3600 * 1000 + 1},
    "a place beyond any stream": {"seq": 1_000_000_000},
    "a bitrate beyond any line": {"bitrate": 1_000_000_001},
    "a visit as well": {"visit_id": "1"},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_one_bad_event_does_not_lose_the_others(client: TestClient, grant: dict[str, Any], bad: Any) -> None:
    wrong = {**event(grant, 1), **bad} if isinstance(bad, dict) else bad
    receipt = post(client, event(grant, 0), wrong, event(grant, 2))
    assert (receipt["accepted"], [r["index"] for r in receipt["rejected"]]) == (2, [1])
    refusal = receipt["rejected"][0]
    (letter,) = logged("dead_letters")
    assert refusal["reason"]
    assert (letter["field"], letter["reason"]) == (refusal["field"], refusal["reason"])
    assert len(letter["body"]) == MAX_LETTER or json.loads(letter["body"]) == wrong
    named = isinstance(wrong, dict) and not {"session_id", "visit_id"} & bad.keys()
    (viewer,) = {row["profile_id"] for row in logged("events")}
    assert letter["profile_id"] == (viewer if named else None)


def test_a_clock_that_is_wrong_within_reason_is_kept(client: TestClient, grant: dict[str, Any]) -> None:
    times = [1_577_836_800_000, 4_102_444_799_999]
    assert post(client, *(event(grant, n, viewer_time_ms=at) for n, at in enumerate(times)))["accepted"] == 2


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"NaN", b'{"events": [NaN]}', b'"\\ud800"', b"[" * 100_000])
def test_what_is_not_json_is_a_bad_request_and_a_dead_letter(client: TestClient, body: bytes) -> None:
    assert_problem(client.post(EVENTS, content=body), 400, "bad-request")
    (letter,) = logged("dead_letters")
    assert (letter["field"], letter["reason"]) == ("body", "the body is not JSON")
    assert letter["body"] == body.decode(errors="replace")[:MAX_LETTER]


@pytest.mark.parametrize("batch", [[], {}, {"events": []}, {"events": {}}, {"events": [1] * 201}, 5, "x"])
def test_what_is_not_a_batch_is_invalid(client: TestClient, batch: Any) -> None:
    assert_problem(client.post(EVENTS, json=batch), 422, "invalid-input")
    assert [row["reason"] for row in logged("dead_letters")] == ["not a batch of events"]


def test_a_body_has_a_cap_declared_or_not(client: TestClient) -> None:
    assert_problem(client.post(EVENTS, content=b" " * (MAX_BODY + 1)), 413, "too-large")

    def chunks() -> Any:
        for _ in range(MAX_BODY // 1024 + 1):
            yield b" " * 1024

    assert_problem(client.post(EVENTS, content=chunks()), 413, "too-large")
    assert_problem(client.post(EVENTS, content=b" " * MAX_BODY), 400, "bad-request")
