"""A kids profile sees nothing above its limit, by any route."""

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import Publish, assert_problem


@pytest.fixture
def profiles(client: TestClient, publish: Publish) -> dict[str, str]:
    """The ids of a kids profile and of another; titles for every age are published."""
    for rating in ("all", "6", "12", "16", "18"):
        publish(f"film-{rating}", metadata={"maturity_rating": rating})
    made = {
        name: client.post("/v1/profiles", json={"name": name, "kids": name == "Kim"}).json() for name in ("Kim", "Ada")
    }
    return {name: profile["profile_id"] for name, profile in made.items()}


def slugs(client: TestClient, profile: str | None, **query: object) -> set[str]:
    whose = {} if profile is None else {"profile_id": profile}
    return {item["slug"] for item in client.get("/v1/titles", params=whose | query).json()["items"]}


def ids(client: TestClient) -> dict[str, str]:
    return {item["slug"]: item["title_id"] for item in client.get("/v1/titles").json()["items"]}


def test_lists_and_searches_hold_what_is_suitable(client: TestClient, profiles: dict[str, str]) -> None:
    suitable = {"film-all", "film-6"}
    assert slugs(client, profiles["Kim"]) == slugs(client, profiles["Kim"], query="Lantern") == suitable
    assert slugs(client, profiles["Kim"], genre="drama") == suitable
    assert len(slugs(client, profiles["Ada"])) == len(slugs(client, None)) == 5
    assert "private" in client.get("/v1/titles", params={"profile_id": profiles["Kim"]}).headers["cache-control"]
    assert_problem(client.get("/v1/titles", params={"profile_id": "1"}), 404, "not-found")


def test_a_page_of_a_list_is_full_whatever_is_left_out(client: TestClient, profiles: dict[str, str]) -> None:
    first = client.get("/v1/titles", params={"profile_id": profiles["Kim"], "limit": 1}).json()
    assert [item["slug"] for item in first["items"]] == ["film-6"]
    query = {"profile_id": profiles["Kim"], "limit": 1, "cursor": first["next_cursor"]}
    last = client.get("/v1/titles", params=query).json()
    assert ([item["slug"] for item in last["items"]], last["next_cursor"]) == (["film-all"], None)


@pytest.mark.parametrize("slug", ["film-12", "film-18"])
def test_title_page_playback_and_picks_refuse_the_rest(client: TestClient, profiles: dict[str, str], slug: str) -> None:
    title, key = ids(client)[slug], {"Idempotency-Key": "1"}
    for name, allowed in (("Kim", False), ("Ada", True)):
        whose = {"profile_id": profiles[name]}
        page = client.get(f"/v1/titles/{title}", params=whose)
        opened = client.post("/v1/playback-sessions", json={"title_id": title} | whose, headers=key)
        picked = client.put(f"/v1/profiles/{profiles[name]}/picks", json={"picks": [title]})
        if allowed:
            assert (page.status_code, opened.status_code, picked.status_code) == (200, 201, 204)
        else:
            assert_problem(page, 403, "maturity")
            assert_problem(opened, 403, "maturity")
            assert_problem(picked, 404, "not-found")


def test_rows_hold_what_is_suitable(client: TestClient, profiles: dict[str, str]) -> None:
    rows = client.get(f"/v1/profiles/{profiles['Kim']}/rows").json()["rows"]
    shown = {item["slug"] for row in rows for item in row["items"]}
    assert shown <= {"film-all", "film-6"}
    assert shown
