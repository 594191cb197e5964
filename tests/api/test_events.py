import json
import threading
from typing import Any

import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from api.middleware import MAX_BODY
from marquee.catalogue import viewers
from marquee.catalogue.database import begin
from marquee.catalogue.models import PlayerEventRow
from marquee.contracts.events import PlayerEvent
from marquee.stack.processes import wait_until
from tests.api.conftest import OpenSession, Publish, assert_problem, bearer

EVENTS = "/v1/events"


@pytest.fixture
def grant(publish: Publish, open_session: OpenSession) -> dict[str, Any]:
    return open_session(publish())


def event(grant: dict[str, Any], seq: int = 0, **more: Any) -> dict[str, Any]:
    required = {"session_id": grant["session_id"], "seq": seq, "name": "playing", "viewer_time_ms": 1, "position_ms": 2}
    return {**required, **more}


def post(client: TestClient, *events: Any) -> dict[str, Any]:
    answer = client.post(EVENTS, json={"events": list(events)})
    assert answer.status_code == 202, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def test_each_event_is_kept_once(client: TestClient, grant: dict[str, Any]) -> None:
    assert post(client, event(grant, 0), event(grant, 1)) == {"accepted": 2, "duplicates": 0, "rejected": []}
    again = post(client, event(grant, 1, position_ms=99), event(grant, 2), event(grant, 2))
    assert (again["accepted"], again["duplicates"]) == (1, 2)
    with begin() as session:
        rows = session.scalars(select(PlayerEventRow).order_by(PlayerEventRow.seq)).all()
    assert [r.seq for r in rows] == [0, 1, 2]
    assert rows[1].body["position_ms"] == 2


def test_batches_that_overlap_in_another_order_do_not_block_each_other(
    client: TestClient, grant: dict[str, Any]
) -> None:
    first, second = (PlayerEvent.model_validate(event(grant, n)) for n in (0, 1))
    receipts: list[dict[str, Any]] = []
    backwards = threading.Thread(target=lambda: receipts.append(post(client, event(grant, 1), event(grant, 0))))
    with begin() as session:
        viewers.add_events(session, (first,))
        backwards.start()
        assert wait_until(somebody_waits, 10)
        viewers.add_events(session, (second,))
    backwards.join()
    assert receipts == [{"accepted": 0, "duplicates": 2, "rejected": []}]


def somebody_waits() -> bool:
    with begin() as session:
        waiting = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
        return bool(session.scalar(waiting))


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
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_one_bad_event_does_not_lose_the_others(client: TestClient, grant: dict[str, Any], bad: Any) -> None:
    wrong = {**event(grant, 1), **bad} if isinstance(bad, dict) else bad
    receipt = post(client, event(grant, 0), wrong, event(grant, 2))
    assert (receipt["accepted"], [r["index"] for r in receipt["rejected"]]) == (2, [1])
    assert receipt["rejected"][0]["reason"]


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"NaN", b'{"events": [NaN]}', b'"\\ud800"', b"[" * 100_000])
def test_what_is_not_json_is_a_bad_request(client: TestClient, body: bytes) -> None:
    assert_problem(client.post(EVENTS, content=body), 400, "bad-request")


@pytest.mark.parametrize("batch", [[], {}, {"events": []}, {"events": {}}, {"events": [1] * 201}, 5, "x"])
def test_what_is_not_a_batch_is_invalid(client: TestClient, batch: Any) -> None:
    assert_problem(client.post(EVENTS, json=batch), 422, "invalid-input")


def test_a_body_has_a_cap_declared_or_not(client: TestClient) -> None:
    assert_problem(client.post(EVENTS, content=b" " * (MAX_BODY + 1)), 413, "too-large")

    def chunks() -> Any:
        for _ in range(MAX_BODY // 1024 + 1):
            yield b" " * 1024

    assert_problem(client.post(EVENTS, content=chunks()), 413, "too-large")
    assert_problem(client.post(EVENTS, content=b" " * MAX_BODY), 400, "bad-request")
