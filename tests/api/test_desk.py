"""What the desk changes, as viewers get it: at once, in every answer, without encoding anything."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from api.main import create_app
from api.rows.service import HomePages
from marquee.catalogue import releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ReleaseRow, now
from marquee.content.desk import actions, artwork, editing
from marquee.contracts.artwork import Rectangle, own_prefix
from tests.api.conftest import OpenSession, Publish, Published, assert_problem, bearer
from tests.households import Viewer


@pytest.fixture(autouse=True)
def _always_looks(client: TestClient) -> None:
    """The snapshot is looked at for each request, so that no test waits for it to grow old."""
    client.app.state.home_pages = HomePages(client.app.state.database, max_age_s=0)  # type: ignore[attr-defined]


def naming(client: TestClient, viewer: Viewer, title: Published) -> list[bool]:
    """Whether the answers name a title: the list, a search, a genre, its own page, the home page, a new playback."""
    paths = ("/v1/titles", "/v1/titles?query=lantern", "/v1/titles?genre=drama", f"/v1/titles/{title.title_id}")
    got = [client.get(path) for path in (*paths, viewer.path("/rows"))]
    told = [answer.status_code == 200 and f'"{title.title_id}"' in answer.text for answer in got]
    begun = client.post(
        "/v1/playback-sessions",
        json={"title_id": title.title_id},
        headers={"Idempotency-Key": f"{title.title_id} {now()}"},
    )
    if begun.status_code == 201:  # and its place is free again
        grant = begun.json()
        client.delete(f"/v1/playback-sessions/{grant['session_id']}", headers=bearer(grant))
    return [*told, begun.status_code == 201]


def test_a_title_that_was_taken_away_is_in_no_answer_and_its_playback_ends(
    client: TestClient, viewer: Viewer, publish: Publish, open_session: OpenSession
) -> None:
    title, other = publish(), publish("other", metadata={"texts": {"en": {"title": "Other"}}})
    title_id = int(title.title_id)
    assert all(naming(client, viewer, title))
    grant = open_session(title)
    path = f"/v1/playback-sessions/{grant['session_id']}"
    beat: dict[str, Any] = {"json": {"position_ms": 30_000}, "headers": bearer(grant)}
    assert client.post(f"{path}/heartbeat", **beat).status_code == 200

    steps = (
        lambda: actions.withdraw(title_id, actor="ada"),
        lambda: actions.restore(title_id, actor="ada"),
        lambda: actions.publish(title_id, at=now() + timedelta(hours=1), actor="ada"),
        lambda: actions.publish(title_id, at=now() - timedelta(hours=1), actor="ada"),
        lambda: actions.delete(title_id, grace=timedelta(days=1), actor="ada"),
        lambda: actions.keep(title_id, actor="ada"),
    )
    for gone, step in zip((True, False) * 3, steps, strict=True):
        step()
        assert set(naming(client, viewer, title)) == {not gone}
        answer = client.post(f"{path}/heartbeat", **beat)
        assert answer.status_code == (404 if gone else 200)
    assert f'"{other.title_id}"' in client.get("/v1/titles").text
    actions.withdraw(title_id, actor="ada")
    assert_problem(client.get(f"/v1/titles/{title_id}"), 404, "not-found")


def cards(client: TestClient, viewer: Viewer, title: Published) -> list[dict[str, Any]]:
    """The title's places on a home page."""
    page = client.get(viewer.path("/rows"), headers=viewer.headers).json()
    return [item for row in page["rows"] for item in row["items"] if item["title_id"] == title.title_id]


def test_an_edit_is_what_viewers_get_next(
    client: TestClient, viewer: Viewer, publish: Publish, open_session: OpenSession
) -> None:
    title, _ = publish(), publish("other", metadata={"texts": {"en": {"title": "Other"}}})
    with begin() as session:
        row = session.get(ReleaseRow, int(title.release_id))
        assert row is not None
        row.source = "a" * 64
    path = f"/v1/titles/{title.title_id}"
    first = open_session(title, key="before")
    assert client.get(path).json()["name"] == "The Lantern"
    client.post(
        f"/v1/playback-sessions/{first['session_id']}/heartbeat", json={"position_ms": 450_000}, headers=bearer(first)
    )
    assert client.get(path).json()["resume_ms"] == 450_000
    (item, *_) = cards(client, viewer, title)  # what a process remembers from now on is of before the edit
    assert (item["name"], item["resume_ms"]) == ("The Lantern", 450_000)
    marks = {"intro_start_s": 1, "intro_end_s": 20, "credits_start_s": 400}
    chapters = [{"start_s": 0, "titles": {"en": "The crossing"}}]
    editing.edit(
        int(title.title_id),
        1,
        {"texts": {"en": {"title": "The Lamp"}}, "maturity_rating": "16", "marks": marks | {"chapters": chapters}},
        actor="ada",
    )
    detail = client.get(path).json()
    assert (detail["name"], detail["maturity_rating"], detail["resume_ms"]) == ("The Lamp", "16", 0)
    (card,) = client.get("/v1/titles?query=lamp").json()["items"]
    assert card["name"] == "The Lamp"
    assert cards(client, viewer, title) == []  # it is finished now
    assert {card["name"] for card in cards(client, viewer.another(), title)} == {"The Lamp"}
    grant = open_session(title, key="after")
    assert {s["kind"]: s["start_s"] for s in grant["segments"]} == {"intro": 1, "credits": 400}
    assert [c["name"] for c in grant["chapters"]] == ["The crossing"]
    assert client.get(viewer.path("/history")).json()["items"][0]["finished"]
    editing.undo(int(title.title_id), 2, 2, actor="ada")
    undone = client.get(path).json()
    assert (undone["name"], undone["maturity_rating"], undone["resume_ms"]) == ("The Lantern", "all", 450_000)


def test_a_release_whose_moment_came_while_everything_was_down_plays_once_the_api_is_up(
    viewer: Viewer, publish: Publish, tmp_path: Path
) -> None:
    first = publish(plan="a")
    second = publish(plan="b", shown=False)
    with begin() as session:
        title = titles.get(session, int(first.title_id))
        releases.schedule(title, int(second.release_id), now() - timedelta(hours=1), "ada")
    deadline = time.monotonic() + 30
    with TestClient(create_app(tmp_path / "dist"), headers=viewer.headers) as api:
        assert playing(api, first) == second.release_id  # the first answer of all
        while scheduled(int(first.title_id)):  # until it is noted
            assert time.monotonic() < deadline
        assert playing(api, first) == second.release_id


def scheduled(title_id: int) -> bool:
    with begin() as session:
        return titles.get(session, title_id).scheduled_at is not None


def playing(api: TestClient, title: Published) -> str:
    """The release that a new playback is of."""
    headers = {"Idempotency-Key": f"{time.monotonic()}"}
    grant = api.post("/v1/playback-sessions", json={"title_id": title.title_id}, headers=headers).json()
    api.delete(f"/v1/playback-sessions/{grant['session_id']}", headers=bearer(grant))
    return str(grant["media"]["token"].split(".")[3])


def test_a_picture_that_a_person_gives_is_in_every_answer_at_once(
    client: TestClient, viewer: Viewer, publish: Publish, tmp_path: Path
) -> None:
    title, _, file = publish(), publish("other"), tmp_path / "wide.png"
    title_id = int(title.title_id)

    def cards() -> list[dict[str, Any]]:
        listed = [client.get(path).json()["items"] for path in ("/v1/titles", "/v1/titles?query=lantern")]
        rows = [row["items"] for row in client.get(viewer.path("/rows")).json()["rows"]]
        found = [card for items in (*listed, *rows) for card in items if card["title_id"] == title.title_id]
        assert len(found) > 2
        return [client.get(f"/v1/titles/{title_id}").json(), *found]

    assert {(card["backdrop_url"], card["backdrop_focus"]) for card in cards()} == {(None, None)}
    Image.new("RGB", (160, 90), "red").save(file)
    artwork.give(title_id, None, "backdrop", file, rectangle=Rectangle(x=0.5, width=0.5), actor="ada")
    for card in cards():
        assert f"/{own_prefix(title_id)}/art/backdrop-" in card["backdrop_url"]
        assert card["backdrop_focus"] == {"x": 1, "y": 0.5}
        assert card["poster_url"].endswith(f"/{title_id}/{title.release_id}/art/poster.jpg")
    artwork.give_back(title_id, None, "backdrop", actor="ada")
    assert {card["backdrop_url"] for card in cards()} == {None}
