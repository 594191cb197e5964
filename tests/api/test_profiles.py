"""Who is watching: chosen, made, changed, forgotten."""

from typing import Any

import pytest
from sqlalchemy import func, select, text
from starlette.testclient import TestClient

from marquee.catalogue import profiles
from marquee.catalogue.database import begin
from marquee.catalogue.models import DeletedProfile, PlaybackSessionRow, ProfilePick, ProfileRow, Progress, VisitRow
from marquee.settings import settings
from tests.api.conftest import Publish, assert_problem, bearer

ADA = {"name": "Ada", "languages": ["de", "en"], "kids": False}


def create(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/profiles", json=ADA | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def items(client: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/profiles").json()["items"]
    return found


def simulated(count: int) -> None:
    with begin() as session:
        session.add_all(ProfileRow(name=f"Sim {n}", languages=["en"], origin="simulated") for n in range(count))


@pytest.fixture
def production(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("master_key", "edge_key", "token_key", "airflow_password", "airflow_secret"):
        monkeypatch.setenv(f"MARQUEE_{name.upper()}", "x" * 43)
    monkeypatch.setenv("MARQUEE_PROFILE", "production")
    settings.cache_clear()


def test_the_anonymous_viewer_is_always_there_and_first(client: TestClient) -> None:
    (only,) = items(client)
    assert (only["origin"], only["picks"]) == ("demo", [])
    create(client)
    assert [p["origin"] for p in items(client)] == ["demo", "account"]
    assert items(client)[0] == only


def test_simulated_viewers_can_be_looked_at_up_to_a_dozen(client: TestClient) -> None:
    simulated(profiles.SIMULATED_SHOWN + 3)
    create(client)
    assert [p["origin"] for p in items(client)] == ["demo", "account", *["simulated"] * profiles.SIMULATED_SHOWN]


def test_a_new_profile_is_as_it_was_asked_for(client: TestClient, publish: Publish) -> None:
    made = [publish(f"film-{n}").title_id for n in range(3)]
    ada = create(client, kids=True, picks=[made[2], made[0], made[2]])
    assert ada == ADA | {
        "kids": True, "picks": [made[0], made[2]], "profile_id": ada["profile_id"], "origin": "account",
    }  # fmt: skip
    assert items(client)[1] == ada


def test_picks_are_replaced_as_a_whole(client: TestClient, publish: Publish) -> None:
    made = [publish(f"film-{n}").title_id for n in range(3)]
    ada = create(client, picks=made[:2])
    path = f"/v1/profiles/{ada['profile_id']}/picks"
    for _ in range(2):
        assert client.put(path, json={"picks": made[2:]}).status_code == 204
        assert items(client)[1]["picks"] == made[2:]
    assert_problem(client.put(path, json={"picks": ["7"]}), 404, "not-found")
    assert_problem(client.post("/v1/profiles", json=ADA | {"picks": ["7"]}), 404, "not-found")
    assert items(client)[1]["picks"] == made[2:]
    assert_problem(client.put("/v1/profiles/7/picks", json={"picks": []}), 404, "not-found")


@pytest.mark.parametrize(
    "fields", [{"name": " "}, {"name": "x" * 41}, {"name": "a\0b"}, {"languages": ["1"]}, {"age": 3}]
)
def test_a_profile_that_does_not_hold_is_not_made(client: TestClient, fields: dict[str, Any]) -> None:
    assert_problem(client.post("/v1/profiles", json=ADA | fields), 422, "invalid-input")
    assert len(items(client)) == 1


def test_there_is_an_end_to_making_profiles(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "MOST_CREATED", 2)
    create(client)
    create(client)
    assert_problem(client.post("/v1/profiles", json=ADA), 409, "conflict")


def test_a_place_in_a_title_is_the_profiles_own(client: TestClient, publish: Publish) -> None:
    title_id = publish().title_id
    ada, ben = create(client), create(client, name="Ben")
    for profile, position in ((ada, 100_000), (ben, 200_000)):
        wish = {"title_id": title_id, "profile_id": profile["profile_id"]}
        grant = client.post("/v1/playback-sessions", json=wish, headers={"Idempotency-Key": "the same"}).json()
        beat = f"/v1/playback-sessions/{grant['session_id']}/heartbeat"
        assert client.post(beat, json={"position_ms": position}, headers=bearer(grant)).status_code == 204

    def resume(**query: str) -> int:
        return int(client.get(f"/v1/titles/{title_id}", params=query).json()["resume_ms"])

    assert [resume(profile_id=p["profile_id"]) for p in (ada, ben)] == [100_000, 200_000]
    assert resume() == 0
    assert_problem(client.get(f"/v1/titles/{title_id}", params={"profile_id": "7"}), 404, "not-found")


def test_a_deleted_profile_leaves_nothing_behind(client: TestClient, publish: Publish) -> None:
    title_id = publish().title_id
    ada, ben = create(client, picks=[title_id]), create(client, name="Ben", picks=[title_id])
    for profile in (ada, ben):
        wish = {"title_id": title_id, "profile_id": profile["profile_id"]}
        grant = client.post("/v1/playback-sessions", json=wish, headers={"Idempotency-Key": "k"}).json()
        beat = f"/v1/playback-sessions/{grant['session_id']}/heartbeat"
        client.post(beat, json={"position_ms": 100_000}, headers=bearer(grant))
        client.post("/v1/visits", json={"profile_id": profile["profile_id"]})
    path = f"/v1/profiles/{ada['profile_id']}"
    assert client.get(f"{path}/rows").status_code == 200
    assert client.delete(path).status_code == 204
    assert_problem(client.delete(path), 404, "not-found")
    assert_problem(client.get(f"{path}/rows"), 404, "not-found")
    left = int(ben["profile_id"])
    with begin() as session:
        for table in (Progress, PlaybackSessionRow, VisitRow, ProfilePick):
            assert session.scalars(select(table.profile_id)).all() == [left], table
        assert session.scalars(select(DeletedProfile.profile_id)).all() == [int(ada["profile_id"])]
        assert session.scalar(text("select count(*) from recommendations")) == 0
    assert [p["name"] for p in items(client)[1:]] == ["Ben"]


def test_the_anonymous_viewer_cannot_be_deleted(client: TestClient) -> None:
    (demo,) = items(client)
    assert_problem(client.delete(f"/v1/profiles/{demo['profile_id']}"), 403, "forbidden")
    assert items(client) == [demo]


@pytest.mark.usefixtures("production")
def test_in_production_there_is_only_the_anonymous_viewer(client: TestClient, publish: Publish) -> None:
    title_id = publish().title_id
    with begin() as session:
        demo = profiles.demo_profile(session).id
        session.add(ProfileRow(id=5, name="Ada", languages=[], origin="account"))
    simulated(2)
    answer = client.get("/v1/profiles").json()
    assert ([p["profile_id"] for p in answer["items"]], answer["can_create"]) == ([str(demo)], False)
    assert_problem(client.post("/v1/profiles", json=ADA), 403, "forbidden")
    assert_problem(client.put("/v1/profiles/5/picks", json={"picks": []}), 403, "forbidden")
    assert_problem(client.delete("/v1/profiles/5"), 403, "forbidden")
    assert_problem(client.get("/v1/profiles/5/rows"), 404, "not-found")
    assert_problem(client.post("/v1/visits", json={"profile_id": "5"}), 404, "not-found")
    assert_problem(client.get(f"/v1/titles/{title_id}?profile_id=5"), 404, "not-found")
    wish = {"title_id": title_id, "profile_id": "5"}
    assert_problem(client.post("/v1/playback-sessions", json=wish, headers={"Idempotency-Key": "k"}), 404, "not-found")
    assert client.get(f"/v1/profiles/{demo}/rows").status_code == 200
    with begin() as session:
        assert session.scalar(select(func.count()).select_from(ProfileRow)) == 4
