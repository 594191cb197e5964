"""Steering: every player is told where to go now, from memory, without a word of anybody's session."""

import time
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.steering import service
from marquee.content.edge.health import COMPLAINTS
from marquee.content.edge.steering import TTL_S
from marquee.settings import settings
from tests.api.conftest import OpenSession, Publish, bearer

SESSION = "889417031168004096"


@pytest.fixture(autouse=True)
def fresh_health() -> Iterator[None]:
    service.health.cache_clear()
    yield
    service.health.cache_clear()


def steering(client: TestClient, session: str = SESSION, query: str = "") -> list[str]:
    answer = client.get(f"/v1/steering/{session}{query}", headers={"Authorization": ""})
    assert answer.status_code == 200
    return answer.json()["PATHWAY-PRIORITY"]


def all_down() -> None:
    for _ in range(2):
        service.health().probed(dict.fromkeys(settings().edges))


def test_the_answer_is_that_of_the_standards(client: TestClient) -> None:
    answer = client.get(
        f"/v1/steering/{SESSION}?_DASH_pathway=edge-a&_DASH_throughput=1", headers={"Authorization": ""}
    )
    assert answer.json() == {
        "VERSION": 1,
        "TTL": TTL_S,
        "RELOAD-URI": f"http://testserver/v1/steering/{SESSION}",
        "PATHWAY-PRIORITY": steering(client),
    }
    assert answer.headers["cache-control"] == "no-store"
    assert sorted(steering(client)) == sorted(settings().edges)


def test_it_begins_where_the_grant_begins(client: TestClient, publish: Publish, open_session: OpenSession) -> None:
    grant = open_session(publish())
    assert steering(client, grant["session_id"]) == [edge["name"] for edge in grant["edges"]]


def test_an_edge_that_is_down_comes_last_and_returns(client: TestClient) -> None:
    first, second = steering(client)
    for _ in range(2):
        service.health().probed({first: None, second: 1})
    assert steering(client) == [second, first]
    for _ in range(2):
        service.health().probed({first: 1, second: 1})
    assert steering(client) == [first, second]


def test_with_all_down_players_are_still_told_all(client: TestClient) -> None:
    before = steering(client)
    all_down()
    assert steering(client) == before


def test_players_reports_turn_others_away_from_an_edge(
    client: TestClient, publish: Publish, open_session: OpenSession
) -> None:
    made, first = publish(), steering(client)[0]
    error = {"fatal": False, "category": "network", "code": "1001"}
    for n in range(COMPLAINTS):
        grant = open_session(made, f"key {n}")
        event = {
            "session_id": grant["session_id"], "seq": n, "name": "error", "viewer_time_ms": time.time_ns() // 10**6,
                "position_ms": 1,
            "edge": first, "error": error,
        }  # fmt: skip
        assert client.post("/v1/events", json={"events": [event]}).json()["rejected"] == []
        client.delete(f"/v1/playback-sessions/{grant['session_id']}", headers=bearer(grant))
    service.health().probed(dict.fromkeys(settings().edges, 1))
    assert steering(client)[-1] == first


def test_pictures_come_from_an_edge_that_is_up(client: TestClient, publish: Publish) -> None:
    publish("pictures")
    first, second = settings().edges
    assert service.edge_of_pictures() == settings().edge_urls[first]
    for _ in range(2):
        service.health().probed({first: None, second: 1})
    assert service.edge_of_pictures() == settings().edge_urls[second]


def test_a_strange_session_is_no_secret(client: TestClient) -> None:
    assert sorted(steering(client, "1")) == sorted(settings().edges)
    assert client.get("/v1/steering/me").status_code == 422
