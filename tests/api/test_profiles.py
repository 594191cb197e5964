"""Profiles of a household: made, changed, chosen with a PIN, deleted."""

from typing import Any

import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from marquee.catalogue.database import begin
from marquee.catalogue.models import (
    DeletedProfile,
    PlaybackSessionRow,
    ProfilePick,
    Progress,
    StreamRow,
    TitleOpinion,
    VisitRow,
)
from tests.api.conftest import Publish, assert_problem, bearer
from tests.households import Viewer, household

BEN = {"name": "Ben", "languages": ["de", "en"]}
EASY = {
    "audio_language": None, "audio_description": False, "text_language": None, "text_on": False, "text_size": "medium",
    "text_background": True, "text_colour": "white", "data_saver": False, "autoplay_next": True,
}  # fmt: skip


def create(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/profiles", json=BEN | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def items(client: TestClient, **headers: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/profiles", headers=headers).json()["items"]
    return found


def choose(client: TestClient, profile: dict[str, Any], pin: str | None = None, **headers: str) -> Any:
    return client.post(f"/v1/profiles/{profile['profile_id']}/choice", json={"pin": pin}, headers=headers)


def as_chosen(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_a_new_profile_is_as_it_was_asked_for(client: TestClient, viewer: Viewer, publish: Publish) -> None:
    made = [publish(f"film-{n}").title_id for n in range(3)]
    ben = create(client, kids=True, avatar="teal", picks=[made[2], made[0], made[2]], pin="1234")
    assert ben == BEN | {
        "kids": True, "picks": [made[0], made[2]], "profile_id": ben["profile_id"], "origin": "account",
        "avatar": "teal", "age_limit": None, "has_pin": True, "preferences": EASY,
    }  # fmt: skip
    answer = client.get("/v1/profiles").json()
    assert answer["items"][1] == ben
    assert (answer["current"], answer["can_create"], answer["can_manage"]) == (str(viewer.profile_id), True, True)


def test_the_plan_says_how_many_there_may_be(client: TestClient) -> None:
    basic = household(plan="basic").headers
    assert client.post("/v1/profiles", json=BEN, headers=basic).status_code == 201
    assert_problem(client.post("/v1/profiles", json=BEN, headers=basic), 409, "conflict")
    assert client.get("/v1/profiles", headers=basic).json()["can_create"] is False


def test_picks_are_replaced_as_a_whole(client: TestClient, publish: Publish) -> None:
    made = [publish(f"film-{n}").title_id for n in range(3)]
    path = f"/v1/profiles/{create(client, picks=made[:2])['profile_id']}/picks"
    for _ in range(2):
        assert client.put(path, json={"picks": made[2:]}).status_code == 204
        assert items(client)[1]["picks"] == made[2:]
    assert_problem(client.put(path, json={"picks": ["7"]}), 404, "not-found")
    assert_problem(client.post("/v1/profiles", json=BEN | {"picks": ["7"]}), 404, "not-found")
    assert items(client)[1]["picks"] == made[2:]
    assert_problem(client.put("/v1/profiles/7/picks", json={"picks": []}), 404, "not-found")


@pytest.mark.parametrize(
    "fields",
    [{"name": " "}, {"name": "x" * 41}, {"name": "a\0b"}, {"languages": ["1"]}, {"age": 3}, {"pin": "12"},
     {"age_limit": 7}, {"avatar": "a cat"}, {"origin": "simulated"}, {"account_id": "7"}],
)  # fmt: skip
def test_a_profile_that_does_not_hold_is_not_made(client: TestClient, fields: dict[str, Any]) -> None:
    assert_problem(client.post("/v1/profiles", json=BEN | fields), 422, "invalid-input")
    assert len(items(client)) == 1


def test_a_change_leaves_the_rest_as_it_is(client: TestClient) -> None:
    ben = create(client, age_limit=12)
    path = f"/v1/profiles/{ben['profile_id']}"
    changed = client.patch(path, json={"name": "Benjamin", "avatar": "red"}).json()
    assert changed == ben | {"name": "Benjamin", "avatar": "red"}
    assert client.patch(path, json={"age_limit": None}).json()["age_limit"] is None
    assert_problem(client.patch(path, json={"origin": "demo"}), 422, "invalid-input")


def test_who_watches_is_kept_on_the_device(client: TestClient, guest: TestClient, viewer: Viewer) -> None:
    ben = create(client)
    elsewhere = viewer.on_another_device()
    chosen = as_chosen(choose(client, ben))
    assert client.get("/v1/profiles", headers=chosen).json()["current"] == ben["profile_id"]
    assert client.get(f"/v1/profiles/{ben['profile_id']}/rows", headers=chosen).status_code == 200
    assert client.get("/v1/profiles", headers=elsewhere.headers).json()["current"] == str(viewer.profile_id)


def test_a_profile_that_was_not_chosen_is_closed(client: TestClient, viewer: Viewer) -> None:
    path = f"/v1/profiles/{create(client)['profile_id']}"
    for rest in ("/rows", "/opinions", "/history"):
        assert_problem(client.get(path + rest), 403, "forbidden")
        assert_problem(client.get(path + rest, headers=viewer.without_profile()), 403, "no-profile")
    assert_problem(client.post("/v1/visits", headers=viewer.without_profile()), 403, "no-profile")


class TestPin:
    def test_a_profile_with_a_pin_is_chosen_with_it(self, client: TestClient) -> None:
        ben = create(client, pin="4711")
        assert_problem(choose(client, ben), 403, "pin-required")
        assert_problem(choose(client, ben, "4712"), 403, "wrong-pin")
        as_chosen(choose(client, ben, "4711"))

    def test_guessing_becomes_slow_and_the_right_one_waits_too(self, client: TestClient) -> None:
        ben = create(client, pin="4711")
        types = [choose(client, ben, f"{n:04}").json()["type"].rpartition("/")[2] for n in range(7)]
        assert types[:5] == ["wrong-pin"] * 5
        assert types[-1] == "too-many-attempts"
        slow = choose(client, ben, "4711")
        assert_problem(slow, 429, "too-many-attempts")
        assert int(slow.headers["retry-after"]) >= 1

    def test_it_changes_for_who_knows_it(self, client: TestClient) -> None:
        ben = create(client, pin="4711")
        path = f"/v1/profiles/{ben['profile_id']}"
        assert_problem(client.patch(path, json={"new_pin": "0000"}), 403, "pin-required")
        assert_problem(client.patch(path, json={"new_pin": None, "pin": "1111"}), 403, "wrong-pin")
        assert client.patch(path, json={"new_pin": "0000", "pin": "4711"}).json()["has_pin"] is True
        as_chosen(choose(client, ben, "0000"))
        assert client.patch(path, json={"new_pin": None, "pin": "0000"}).json()["has_pin"] is False
        as_chosen(choose(client, ben))

    def test_who_has_just_signed_in_may_replace_a_forgotten_one(self, client: TestClient, viewer: Viewer) -> None:
        ben = create(client, pin="4711")
        path = f"/v1/profiles/{ben['profile_id']}"
        answer = client.patch(path, json={"new_pin": "0000"}, headers=viewer.without_profile())
        assert answer.status_code == 200
        as_chosen(choose(client, ben, "0000"))

    def test_changing_a_limit_asks_for_the_pin_of_who_does_it(self, client: TestClient, viewer: Viewer) -> None:
        kim = create(client, kids=True)
        assert client.patch(viewer.path(), json={"new_pin": "4711"}).status_code == 200
        path = f"/v1/profiles/{kim['profile_id']}"
        assert_problem(client.patch(path, json={"kids": False}), 403, "pin-required")
        assert client.patch(path, json={"kids": False, "pin": "4711"}).json()["kids"] is False

    def test_it_is_not_kept_in_clear(self, client: TestClient) -> None:
        create(client, pin="47114711")
        with begin() as session:
            kept = session.scalars(text("select pin_hash from profiles where pin_hash is not null")).all()
        assert len(kept) == 1
        assert "4711" not in kept[0]


@pytest.mark.parametrize("limit", [{"kids": True}, {"age_limit": 16}])
def test_a_profile_with_a_limit_changes_no_profiles(client: TestClient, viewer: Viewer, limit: dict[str, Any]) -> None:
    kim = viewer.another(name="Kim", **limit)
    assert client.get("/v1/profiles", headers=kim.headers).json()["can_manage"] is False
    for answer in (
        client.post("/v1/profiles", json=BEN, headers=kim.headers),
        client.patch(kim.path(), json={"kids": False, "age_limit": None}, headers=kim.headers),
        client.patch(viewer.path(), json={"new_pin": "1111"}, headers=kim.headers),
        client.delete(viewer.path(), headers=kim.headers),
    ):
        assert_problem(answer, 403, "not-for-this-profile")
    assert client.patch(kim.path(), json={"name": "Kimberley"}).status_code == 200


def test_preferences_are_kept(client: TestClient, viewer: Viewer) -> None:
    wanted = EASY | {"audio_language": "de", "text_on": True, "text_size": "large"}
    assert client.put(viewer.path("/preferences"), json=wanted).json() == wanted
    assert items(client)[0]["preferences"] == wanted
    assert_problem(client.put(viewer.path("/preferences"), json=EASY | {"text_size": "huge"}), 422, "invalid-input")


def test_a_place_in_a_title_is_the_profiles_own(client: TestClient, viewer: Viewer, publish: Publish) -> None:
    title_id, ben = publish().title_id, viewer.another(name="Ben")
    carol = viewer.another(name="Carol")
    for whose, position in ((viewer, 100_000), (ben, 200_000)):
        watch(client, whose, title_id, position)

    def resume(whose: Viewer) -> int:
        return int(client.get(f"/v1/titles/{title_id}", headers=whose.headers).json()["resume_ms"])

    assert [resume(whose) for whose in (viewer, ben, carol)] == [100_000, 200_000, 0]


def watch(client: TestClient, whose: Viewer, title_id: str, position_ms: int, key: str = "the same") -> dict[str, Any]:
    wish, headers = {"title_id": title_id}, whose.headers | {"Idempotency-Key": key}
    answer = client.post("/v1/playback-sessions", json=wish, headers=headers)
    assert answer.status_code == 201, answer.text
    grant: dict[str, Any] = answer.json()
    beat = f"/v1/playback-sessions/{grant['session_id']}/heartbeat"
    assert client.post(beat, json={"position_ms": position_ms}, headers=bearer(grant)).status_code == 200
    return grant


class TestHistory:
    def test_it_is_read_corrected_and_cleared(self, client: TestClient, viewer: Viewer, publish: Publish) -> None:
        made = [publish(f"film-{n}").title_id for n in range(3)]
        for n, title_id in enumerate(made):
            watch(client, viewer, title_id, 570_000 if n == 1 else 100_000, str(n))
        (last, middle, first) = client.get(viewer.path("/history")).json()["items"]
        assert [each["title_id"] for each in (first, middle, last)] == made
        assert (middle["finished"], last["finished"]) == (True, False)
        assert (last["name"], last["position_ms"], last["duration_ms"]) == ("The Lantern", 100_000, 600_000)
        assert client.delete(viewer.path(f"/history/{made[2]}")).status_code == 204
        assert client.delete(viewer.path(f"/history/{made[2]}")).status_code == 204
        rows = client.get(viewer.path("/rows")).json()["rows"]
        assert [i["title_id"] for r in rows if r["kind"] == "continue" for i in r["items"]] == [made[0]]
        assert client.delete(viewer.path("/history")).status_code == 204
        assert client.get(viewer.path("/history")).json()["items"] == []

    def test_it_is_the_profiles_own(self, client: TestClient, viewer: Viewer, publish: Publish) -> None:
        watch(client, viewer, publish().title_id, 100_000)
        ben = viewer.another(name="Ben")
        assert client.get(ben.path("/history"), headers=ben.headers).json()["items"] == []
        assert client.delete(ben.path("/history"), headers=ben.headers).status_code == 204
        assert len(client.get(viewer.path("/history")).json()["items"]) == 1


class TestOpinions:
    def test_what_is_said_is_kept_and_taken_back(self, client: TestClient, viewer: Viewer, publish: Publish) -> None:
        path = viewer.path(f"/opinions/{publish().title_id}")
        assert client.patch(path, json={"thumb": "up"}).json() == {"listed": False, "thumb": "up", "hidden": False}
        assert client.patch(path, json={"listed": True}).json() == {"listed": True, "thumb": "up", "hidden": False}
        assert client.patch(path, json={}).json()["thumb"] == "up"
        (item,) = client.get(viewer.path("/opinions")).json()["items"]
        assert (item["listed"], item["thumb"]) == (True, "up")
        assert client.patch(path, json={"thumb": None, "listed": False}).json() == {
            "listed": False, "thumb": None, "hidden": False,
        }  # fmt: skip
        assert client.get(viewer.path("/opinions")).json()["items"] == []

    def test_it_stands_on_the_titles_page(self, client: TestClient, viewer: Viewer, publish: Publish) -> None:
        title_id = publish().title_id
        client.patch(viewer.path(f"/opinions/{title_id}"), json={"hidden": True})
        assert client.get(f"/v1/titles/{title_id}").json()["opinion"]["hidden"] is True

    def test_the_list_is_a_row_and_the_hidden_is_in_none(
        self, client: TestClient, viewer: Viewer, publish: Publish
    ) -> None:
        made = [publish(f"film-{n}").title_id for n in range(8)]
        for title_id in made[:2]:
            client.patch(viewer.path(f"/opinions/{title_id}"), json={"listed": True})
        client.patch(viewer.path(f"/opinions/{made[7]}"), json={"hidden": True})
        client.patch(viewer.path(f"/opinions/{made[6]}"), json={"thumb": "down"})
        rows = {r["kind"]: [i["title_id"] for i in r["items"]] for r in client.get(viewer.path("/rows")).json()["rows"]}
        assert rows["my_list"] == [made[1], made[0]]
        assert not {made[7], made[6], *made[:2]} & set(rows["new"])
        client.patch(viewer.path(f"/opinions/{made[1]}"), json={"hidden": True})
        rows = {r["kind"]: [i["title_id"] for i in r["items"]] for r in client.get(viewer.path("/rows")).json()["rows"]}
        assert rows["my_list"] == [made[0]]


def test_a_deleted_profile_leaves_nothing_behind(client: TestClient, viewer: Viewer, publish: Publish) -> None:
    title_id = publish().title_id
    ada, ben = viewer.another(name="Bob"), viewer.another(name="Ben")
    for whose in (ada, ben):
        watch(client, whose, title_id, 100_000)
        client.put(whose.path("/picks"), json={"picks": [title_id]}, headers=whose.headers)
        client.patch(whose.path(f"/opinions/{title_id}"), json={"thumb": "up"}, headers=whose.headers)
        client.post("/v1/visits", headers=whose.headers)
    assert client.get(ada.path("/rows"), headers=ada.headers).status_code == 200
    assert client.delete(ada.path()).status_code == 204
    assert_problem(client.delete(ada.path()), 404, "not-found")
    assert_problem(client.get(ada.path("/rows"), headers=ada.headers), 404, "not-found")
    with begin() as session:
        for table in (Progress, PlaybackSessionRow, VisitRow, ProfilePick, TitleOpinion, StreamRow):
            assert session.scalars(select(table.profile_id)).all() == [ben.profile_id], table
        assert session.scalars(select(DeletedProfile.profile_id)).all() == [ada.profile_id]
        assert session.scalar(text("select count(*) from recommendations")) == 0
    assert [p["name"] for p in items(client)[1:]] == ["Ben"]
    assert client.get("/v1/profiles", headers=ada.headers).json()["current"] is None
