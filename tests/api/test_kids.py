"""A profile with an age limit sees nothing above it, by any route."""

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import Publish, assert_problem
from tests.households import Viewer


@pytest.fixture
def household(viewer: Viewer, publish: Publish) -> dict[str, Viewer]:
    """Three profiles with different limits; titles for every age are published."""
    for rating in ("all", "6", "12", "16", "18"):
        publish(f"film-{rating}", metadata={"maturity_rating": rating})
    return {
        "Ada": viewer,
        "Kim": viewer.another(name="Kim", kids=True),
        "Tom": viewer.another(name="Tom", age_limit=12),
    }


SUITABLE = {"Kim": {"film-all", "film-6"}, "Tom": {"film-all", "film-6", "film-12"}}


def slugs(client: TestClient, whose: Viewer, **query: object) -> set[str]:
    return {item["slug"] for item in client.get("/v1/titles", params=query, headers=whose.headers).json()["items"]}


def ids(client: TestClient) -> dict[str, str]:
    return {item["slug"]: item["title_id"] for item in client.get("/v1/titles").json()["items"]}


@pytest.mark.parametrize("name", SUITABLE)
def test_lists_and_searches_hold_what_is_suitable(client: TestClient, household: dict[str, Viewer], name: str) -> None:
    whose = household[name]
    assert slugs(client, whose) == slugs(client, whose, query="Lantern") == SUITABLE[name]
    assert slugs(client, whose, genre="drama") == SUITABLE[name]
    assert len(slugs(client, household["Ada"])) == 5
    assert "private" in client.get("/v1/titles", headers=whose.headers).headers["cache-control"]


def test_a_guest_sees_what_is_offered_at_all(guest: TestClient, publish: Publish) -> None:
    for rating in ("all", "18"):
        publish(f"film-{rating}", metadata={"maturity_rating": rating})
    answer = guest.get("/v1/titles")
    assert len(answer.json()["items"]) == 2
    assert "public" in answer.headers["cache-control"]


def test_a_page_of_a_list_is_full_whatever_is_left_out(client: TestClient, household: dict[str, Viewer]) -> None:
    kim = household["Kim"].headers
    first = client.get("/v1/titles", params={"limit": 1}, headers=kim).json()
    assert [item["slug"] for item in first["items"]] == ["film-6"]
    last = client.get("/v1/titles", params={"limit": 1, "cursor": first["next_cursor"]}, headers=kim).json()
    assert ([item["slug"] for item in last["items"]], last["next_cursor"]) == (["film-all"], None)


@pytest.mark.parametrize("slug", ["film-12", "film-18"])
def test_title_page_playback_picks_and_opinions_refuse_the_rest(
    client: TestClient, household: dict[str, Viewer], slug: str
) -> None:
    title, key = ids(client)[slug], {"Idempotency-Key": "1"}
    for name, allowed in (("Kim", False), ("Ada", True)):
        whose = household[name]
        page = client.get(f"/v1/titles/{title}", headers=whose.headers)
        opened = client.post("/v1/playback-sessions", json={"title_id": title}, headers=whose.headers | key)
        picked = client.put(whose.path("/picks"), json={"picks": [title]}, headers=whose.headers)
        listed = client.patch(whose.path(f"/opinions/{title}"), json={"listed": True}, headers=whose.headers)
        if allowed:
            assert (page.status_code, opened.status_code, picked.status_code, listed.status_code) == (
                200,
                201,
                204,
                200,
            )
        else:
            assert_problem(page, 403, "maturity")
            assert_problem(opened, 403, "maturity")
            assert_problem(picked, 404, "not-found")
            assert_problem(listed, 403, "maturity")


def test_rows_hold_what_is_suitable(client: TestClient, household: dict[str, Viewer]) -> None:
    for name, suitable in SUITABLE.items():
        whose = household[name]
        rows = client.get(whose.path("/rows"), headers=whose.headers).json()["rows"]
        shown = {item["slug"] for row in rows for item in row["items"]}
        assert shown
        assert shown <= suitable


def test_what_was_begun_before_the_limit_ends_with_it(client: TestClient, household: dict[str, Viewer]) -> None:
    tom, ada = household["Tom"], household["Ada"]
    title = ids(client)["film-12"]
    opened = client.post(
        "/v1/playback-sessions", json={"title_id": title}, headers=tom.headers | {"Idempotency-Key": "1"}
    ).json()
    beat = f"/v1/playback-sessions/{opened['session_id']}/heartbeat"
    own = {"Authorization": f"Bearer {opened['token']}"}
    assert client.post(beat, json={"position_ms": 0}, headers=own).status_code == 200
    assert client.patch(tom.path(), json={"age_limit": 6}, headers=ada.headers).status_code == 200
    assert_problem(client.post(beat, json={"position_ms": 0}, headers=own), 403, "maturity")
    assert client.get("/v1/titles", headers=tom.headers).status_code == 200
