"""Who may play, on how many devices; stopped from another, freed by silence, refused for a reason."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from marquee.catalogue import subscriptions, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow, PlaybackSessionRow, StreamRow, SubscriptionRow, TitleState, now
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plans import SubscriptionState
from marquee.members import plans
from marquee.members.watching import ALIVE_S, PREPARED_S
from marquee.settings import settings
from tests.api.conftest import Publish, assert_problem, bearer
from tests.households import Viewer, household

SESSIONS, STREAMS = "/v1/playback-sessions", "/v1/account/streams"


def play(client: TestClient, whose: Viewer, title_id: str, key: str = "k", **more: Any) -> Any:
    headers = whose.headers | {"Idempotency-Key": f"{key} {whose.member.device_id}"}
    return client.post(SESSIONS, json={"title_id": title_id} | more, headers=headers)


def granted(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def beat(client: TestClient, grant: dict[str, Any]) -> Any:
    path = f"{SESSIONS}/{grant['session_id']}/heartbeat"
    return client.post(path, json={"position_ms": 20_000}, headers=bearer(grant))


def key_of(client: TestClient, grant: dict[str, Any], kid: str) -> Any:
    return client.get(f"/v1/licences/keys/{kid}", headers=bearer(grant))


def silent(grant: dict[str, Any], seconds: float) -> None:
    """As if the player had sent nothing for so long."""
    with begin() as session:
        own = StreamRow.session_id == int(grant["session_id"])
        session.execute(update(StreamRow).where(own).values(seen_at=now() - timedelta(seconds=seconds)))


def playing(client: TestClient, whose: Viewer) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(STREAMS, headers=whose.headers).json()["items"]
    return items


@pytest.fixture
def basic(catalogue: None) -> Viewer:
    """Somebody whose plan allows one stream."""
    return household(plan="basic", device="Living room TV")


class TestCount:
    def test_one_too_many_is_refused_with_what_plays(self, guest: TestClient, basic: Viewer, publish: Publish) -> None:
        title_id, phone = publish().title_id, basic.on_another_device("Safari on iOS")
        grant = granted(play(guest, basic, title_id))
        problem = assert_problem(play(guest, phone, title_id), 403, "too-many-streams")
        assert problem["errors"][0]["got"] == "Living room TV plays The Lantern"
        (only,) = playing(guest, phone)
        assert only.items() >= {
            "session_id": grant["session_id"], "device": "Living room TV", "name": "The Lantern",
            "title_id": title_id, "profile_id": str(basic.profile_id),
        }.items()  # fmt: skip

    def test_stopping_the_other_frees_its_place_and_its_player_hears_it(
        self, guest: TestClient, basic: Viewer, publish: Publish
    ) -> None:
        made, phone = publish(), basic.on_another_device()
        grant = granted(play(guest, basic, made.title_id))
        assert key_of(guest, grant, made.keys[0].kid).status_code == 200
        stop = f"{STREAMS}/{grant['session_id']}"
        assert guest.delete(stop, headers=phone.headers).status_code == 204
        assert_problem(guest.delete(stop, headers=phone.headers), 404, "not-found")
        assert_problem(beat(guest, grant), 403, "stream-stopped")
        assert_problem(key_of(guest, grant, made.keys[0].kid), 403, "stream-stopped")
        granted(play(guest, phone, made.title_id))

    def test_the_same_key_takes_no_second_place(self, guest: TestClient, basic: Viewer, publish: Publish) -> None:
        title_id = publish().title_id
        first, again = (granted(play(guest, basic, title_id)) for _ in range(2))
        assert first["session_id"] == again["session_id"]
        assert_problem(play(guest, basic, title_id, "another"), 403, "too-many-streams")

    def test_what_ends_frees_its_place(self, guest: TestClient, basic: Viewer, publish: Publish) -> None:
        title_id = publish().title_id
        for n in range(3):
            grant = granted(play(guest, basic, title_id, str(n)))
            assert guest.delete(f"{SESSIONS}/{grant['session_id']}", headers=bearer(grant)).status_code == 204

    def test_a_dead_device_frees_its_place_after_two_heartbeats(
        self, guest: TestClient, basic: Viewer, publish: Publish
    ) -> None:
        title_id, phone = publish().title_id, basic.on_another_device()
        grant = granted(play(guest, basic, title_id))
        silent(grant, ALIVE_S - 5)
        assert_problem(play(guest, phone, title_id), 403, "too-many-streams")
        silent(grant, ALIVE_S + 1)
        assert 2 * grant["heartbeat_s"] == ALIVE_S
        granted(play(guest, phone, title_id))
        assert_problem(beat(guest, grant), 403, "too-many-streams")  # it slept, and its place is another's

    def test_one_that_slept_goes_on_where_there_is_a_place(
        self, guest: TestClient, basic: Viewer, publish: Publish
    ) -> None:
        grant = granted(play(guest, basic, publish().title_id))
        silent(grant, ALIVE_S + 1)
        assert playing(guest, basic) == []
        assert beat(guest, grant).status_code == 200
        assert len(playing(guest, basic)) == 1

    def test_of_many_who_begin_at_once_as_many_play_as_the_plan_allows(
        self, guest: TestClient, viewer: Viewer, publish: Publish
    ) -> None:
        title_id = publish().title_id
        devices = [viewer.on_another_device() for _ in range(12)]
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda device: play(guest, device, title_id).status_code, devices))
        assert sorted(answers) == [201] * 4 + [403] * 8

    def test_households_do_not_count_against_each_other(
        self, guest: TestClient, basic: Viewer, publish: Publish
    ) -> None:
        title_id, other = publish().title_id, household(plan="basic")
        mine = granted(play(guest, basic, title_id))
        granted(play(guest, other, title_id))
        assert [each["session_id"] for each in playing(guest, basic)] == [mine["session_id"]]
        assert_problem(guest.delete(f"{STREAMS}/{mine['session_id']}", headers=other.headers), 404, "not-found")
        assert beat(guest, mine).status_code == 200


class TestPrepared:
    """Sessions that are opened before anybody has asked to play."""

    def test_it_takes_its_place_with_its_first_heartbeat(
        self, guest: TestClient, basic: Viewer, publish: Publish
    ) -> None:
        made, phone = publish(), basic.on_another_device()
        grant = granted(play(guest, basic, made.title_id, prepare=True))
        assert playing(guest, basic) == []
        assert key_of(guest, grant, made.keys[0].kid).status_code == 200
        assert beat(guest, grant).status_code == 200
        assert [each["session_id"] for each in playing(guest, basic)] == [grant["session_id"]]
        assert_problem(play(guest, phone, made.title_id), 403, "too-many-streams")

    def test_it_refuses_nobody_and_is_refused_where_there_is_no_place(
        self, guest: TestClient, basic: Viewer, publish: Publish
    ) -> None:
        title_id, phone = publish().title_id, basic.on_another_device()
        waiting = granted(play(guest, basic, title_id, prepare=True))
        granted(play(guest, phone, title_id))
        assert_problem(beat(guest, waiting), 403, "too-many-streams")
        granted(play(guest, basic, title_id, "another", prepare=True))  # for the moment when the phone stops

    def test_what_was_not_played_leaves_nothing_behind(
        self, guest: TestClient, basic: Viewer, publish: Publish
    ) -> None:
        made = publish()
        grant = granted(play(guest, basic, made.title_id, prepare=True))
        for _ in range(2):
            assert guest.delete(f"{SESSIONS}/{grant['session_id']}", headers=bearer(grant)).status_code == 204
        assert_problem(beat(guest, grant), 404, "not-found")
        assert_problem(key_of(guest, grant, made.keys[0].kid), 403, "forbidden")
        with begin() as session:
            assert session.scalars(select(PlaybackSessionRow)).all() == []

    def test_unless_it_begins_it_is_over_after_a_minute(
        self, guest: TestClient, basic: Viewer, publish: Publish
    ) -> None:
        made = publish()
        waiting, begun = (granted(play(guest, basic, made.title_id, key, prepare=True)) for key in "ab")
        assert beat(guest, begun).status_code == 200
        with begin() as session:
            session.execute(update(PlaybackSessionRow).values(started_at=now() - timedelta(seconds=PREPARED_S)))
        assert_problem(beat(guest, waiting), 404, "not-found")
        assert_problem(key_of(guest, waiting, made.keys[0].kid), 403, "forbidden")
        assert_problem(play(guest, basic, made.title_id, "a", prepare=True), 409, "conflict")
        assert beat(guest, begun).status_code == 200
        assert key_of(guest, begun, made.keys[0].kid).status_code == 200


REFUSED = {
    "no plan": ({"plan": None}, "no-plan"),
    "an address that is not confirmed": ({"verified": False}, "email-not-verified"),
    "unpaid": ({"state": SubscriptionState.UNPAID}, "payment-due"),
    "paused": ({"state": SubscriptionState.PAUSED}, "payment-due"),
    "a first payment that is open": ({"state": SubscriptionState.INCOMPLETE}, "payment-due"),
    "cancelled": ({"state": SubscriptionState.CANCELED}, "no-plan"),
}


@pytest.mark.parametrize(("fields", "reason"), REFUSED.values(), ids=REFUSED)
def test_who_may_not_watch_is_told_why(
    guest: TestClient, publish: Publish, fields: dict[str, Any], reason: str
) -> None:
    title_id, whose = publish().title_id, household(**fields)
    assert guest.get(f"/v1/titles/{title_id}", headers=whose.headers).json()["play_refusal"] == reason
    assert_problem(play(guest, whose, title_id), 403, reason)


@pytest.mark.parametrize("state", ["active", "trialing", "past_due"])
def test_who_may_watch_does(guest: TestClient, publish: Publish, state: str) -> None:
    title_id, whose = publish().title_id, household(state=SubscriptionState(state))
    assert guest.get(f"/v1/titles/{title_id}", headers=whose.headers).json()["play_refusal"] is None
    granted(play(guest, whose, title_id))


def test_a_guest_is_asked_to_sign_in(guest: TestClient, publish: Publish) -> None:
    title_id = publish().title_id
    assert guest.get(f"/v1/titles/{title_id}").json()["play_refusal"] == "not-signed-in"
    answer = guest.post(SESSIONS, json={"title_id": title_id}, headers={"Idempotency-Key": "k"})
    assert_problem(answer, 401, "unauthorised")


LOSSES: dict[str, tuple[Any, int, str]] = {
    "the plan is unpaid": (SubscriptionState.UNPAID, 403, "payment-due"),
    "the plan is cancelled": (SubscriptionState.CANCELED, 403, "no-plan"),
    "the title is withdrawn": (TitleState.WITHDRAWN, 404, "not-found"),
}


@pytest.mark.parametrize(("loss", "status", "reason"), LOSSES.values(), ids=LOSSES)
def test_what_is_lost_while_it_plays_ends_keys_and_playback_at_once(
    guest: TestClient, viewer: Viewer, publish: Publish, loss: Any, status: int, reason: str
) -> None:
    made = publish()
    grant = granted(play(guest, viewer, made.title_id))
    assert (beat(guest, grant).status_code, key_of(guest, grant, made.keys[0].kid).status_code) == (200, 200)
    with begin() as session:
        if isinstance(loss, TitleState):
            titles.set_state(session, int(made.title_id), loss)
        else:
            subscriptions.put(session, viewer.account_id, plan="premium", state=loss, provider="test")
    assert_problem(beat(guest, grant), status, reason)
    assert key_of(guest, grant, made.keys[0].kid).status_code in {403, 404}


def test_a_plan_that_is_no_longer_offered_stays_good(
    guest: TestClient, publish: Publish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title_id = publish().title_id
    old = {"slug": "old", "name": "Old", "height": 720, "streams": 1, "profiles": 1, "trial_days": 9, "offered": False}
    (tmp_path / "plans.yaml").write_text(json.dumps([old, old | {"slug": "new", "offered": True}]))
    monkeypatch.setenv("MARQUEE_PLANS_FILE", str(tmp_path / "plans.yaml"))
    settings.cache_clear()
    granted(play(guest, household(plan="old"), title_id))
    assert [plan["slug"] for plan in guest.get("/v1/plans").json()["items"]] == ["new"]
    newcomer = household(plan=None).headers
    assert_problem(
        guest.post("/v1/account/subscription/trial", json={"plan": "old"}, headers=newcomer), 404, "not-found"
    )
    assert_problem(play(guest, household(plan="lost"), title_id), 403, "no-plan")


def test_a_file_of_plans_that_is_wrong_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "plans.yaml"
    monkeypatch.setenv("MARQUEE_PLANS_FILE", str(file))
    settings.cache_clear()
    for content in ("", "{", "- slug: a\n  name: A\n  height: tall"):
        file.write_text(content)
        plans._read.cache_clear()
        with pytest.raises(InvalidInput, match=r"plans\.yaml"):
            plans.plans()


class TestTrial:
    def test_it_begins_once_and_plays(self, guest: TestClient, publish: Publish) -> None:
        whose, title_id = household(plan=None), publish().title_id
        assert [plan["slug"] for plan in guest.get("/v1/plans").json()["items"]] == ["basic", "standard", "premium"]
        before = guest.get("/v1/account/subscription", headers=whose.headers).json()
        assert (before["plan"], before["state"], before["ends_at"], before["playable"]) == (None, None, None, False)
        path = "/v1/account/subscription/trial"
        begun = guest.post(path, json={"plan": "basic"}, headers=whose.headers)
        assert (begun.status_code, begun.json()["state"], begun.json()["playable"]) == (201, "trialing", True)
        assert_problem(guest.post(path, json={"plan": "premium"}, headers=whose.headers), 409, "conflict")
        assert_problem(guest.post(path, json={"plan": "gold"}, headers=whose.headers), 404, "not-found")
        grant = granted(play(guest, whose, title_id))
        days = (datetime.fromisoformat(begun.json()["ends_at"]) - datetime.now(UTC)) / timedelta(days=1)
        assert 29.9 < days <= 30
        assert datetime.fromisoformat(grant["expires_at"]) < datetime.now(UTC) + timedelta(days=30)

    def test_it_needs_a_confirmed_address(self, guest: TestClient) -> None:
        whose = household(plan=None, verified=False)
        answer = guest.post("/v1/account/subscription/trial", json={"plan": "basic"}, headers=whose.headers)
        assert_problem(answer, 403, "email-not-verified")

    def test_when_it_runs_out_nothing_plays_any_more(self, guest: TestClient, publish: Publish) -> None:
        whose, title_id = household(plan=None), publish().title_id
        end = now() + timedelta(minutes=5)
        with begin() as session:
            state = SubscriptionState.TRIALING
            subscriptions.put(session, whose.account_id, plan="basic", state=state, provider="trial", ends_at=end)
        grant = granted(play(guest, whose, title_id))
        assert datetime.fromisoformat(grant["expires_at"]) == end
        with begin() as session:
            over = update(SubscriptionRow).where(SubscriptionRow.account_id == whose.account_id)
            session.execute(over.values(ends_at=now()))
        assert_problem(beat(guest, grant), 403, "payment-due")
        assert_problem(play(guest, whose, title_id, "later"), 403, "payment-due")

    def test_two_at_once_begin_one(self, guest: TestClient) -> None:
        whose = household(plan=None)

        def begin_trial(plan: str) -> int:
            path = "/v1/account/subscription/trial"
            return guest.post(path, json={"plan": plan}, headers=whose.headers).status_code

        with ThreadPoolExecutor(6) as pool:
            assert sorted(pool.map(begin_trial, ["basic", "premium"] * 3)) == [201] + [409] * 5


def test_a_closing_window_ends_the_session_with_it(guest: TestClient, viewer: Viewer, publish: Publish) -> None:
    end = datetime.now(UTC) + timedelta(minutes=5)
    made = publish(metadata={"availability": [{"end": end.isoformat()}]})
    grant = granted(play(guest, viewer, made.title_id))
    assert datetime.fromisoformat(grant["expires_at"]) == end


def test_an_account_that_is_deleted_takes_its_streams_along(
    guest: TestClient, viewer: Viewer, publish: Publish
) -> None:
    granted(play(guest, viewer, publish().title_id))
    with begin() as session:
        session.delete(session.get_one(AccountRow, viewer.account_id))
        session.flush()
        assert session.scalars(select(StreamRow)).all() == session.scalars(select(PlaybackSessionRow)).all() == []
