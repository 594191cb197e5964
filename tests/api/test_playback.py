import time
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.playback.service import START_UP_MS
from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import StreamRow, TitleState, now
from marquee.content.edge.signing import verify
from marquee.contracts.edge import Audience
from marquee.contracts.plan import DrmScheme
from marquee.settings import settings
from tests.api.conftest import OpenSession, Publish, assert_problem, bearer

KEY = {"Idempotency-Key": "k"}
SESSIONS = "/v1/playback-sessions"


def token_of(url: str) -> str:
    return urlsplit(url).path.split("/")[2]


def lasting(grant: dict[str, Any]) -> dict[str, Any]:
    """A grant without its media token, which is fresh in every answer."""
    return {name: value for name, value in grant.items() if name not in {"media", "text"}}


def test_a_grant_has_all_a_player_needs(client: TestClient, publish: Publish, open_session: OpenSession) -> None:
    made = publish()
    grant = open_session(made)
    edge_names = [m["edge"] for m in grant["manifests"]]
    assert sorted(edge_names) == ["edge-a", "edge-a", "edge-b", "edge-b"]
    assert edge_names[0] == edge_names[1]
    assert [m["type"] for m in grant["manifests"]] == ["application/dash+xml", "application/vnd.apple.mpegurl"] * 2
    assert grant["segments"] == [
        {"kind": "intro", "start_s": 5, "end_s": 35.5},
        {"kind": "credits", "start_s": 560, "end_s": 600},
    ]
    assert grant["drm"] == {
        "servers": {"org.w3.clearkey": "http://testserver/v1/licences/clearkey"},
        "certificates": {},
        "token": grant["token"],
    }
    assert (grant["resume_ms"], grant["heartbeat_s"]) == (0, 30)
    assert grant["text"][0]["url"].endswith("/text/en-sdh/en-sdh.vtt")
    life = datetime.fromisoformat(grant["expires_at"]) - now()
    assert abs(life - timedelta(seconds=settings().playback_token_s)) < timedelta(minutes=1)


def test_chapters_are_named_in_the_language_that_is_asked_for(client: TestClient, publish: Publish) -> None:
    chapters = [
        {"start_s": 0, "titles": {"de": "Das Tor", "en": "The gate"}},
        {"start_s": 90.5, "titles": {"de": "Ende"}},
    ]
    title_id = publish(release={"marks": {"chapters": chapters}}).title_id

    def named(languages: str) -> Any:
        headers = {"Idempotency-Key": languages, "Accept-Language": languages}
        return client.post("/v1/playback-sessions", json={"title_id": title_id}, headers=headers).json()["chapters"]

    assert named("en-GB") == [{"start_s": 0, "name": "The gate"}, {"start_s": 90.5, "name": "Ende"}]
    assert named("fr") == [{"start_s": 0, "name": "Das Tor"}, {"start_s": 90.5, "name": "Ende"}]


def test_every_token_has_an_audience_and_a_life_of_its_own(publish: Publish, open_session: OpenSession) -> None:
    made = publish()
    grant = open_session(made)
    key, ends = settings().secret("edge_key"), int(datetime.fromisoformat(grant["expires_at"]).timestamp())
    text = grant["text"][0]["url"]
    media, thumbs = (verify(token_of(url), key=key) for url in (text, grant["thumbnails"]["vtt_url"]))
    manifests = [verify(parse_qs(urlsplit(m["url"]).query)["token"][0], key=key) for m in grant["manifests"]]
    assert [t.audience for t in (media, thumbs, *manifests)] == [Audience.MEDIA, Audience.THUMBS] + 4 * ["manifest"]
    for allowed in (media, thumbs, *manifests):
        assert str(allowed.session_id) == grant["session_id"]
        assert allowed.prefix == f"{made.title_id}/{made.release_id}"
    assert {allowed.expires for allowed in (thumbs, *manifests)} == {ends}
    assert token_of(text) == grant["media"]["token"]
    assert grant["media"]["expires_in"] <= settings().media_token_s
    assert abs(media.expires - time.time() - settings().media_token_s) < 60


def test_sessions_spread_over_the_edges(client: TestClient, publish: Publish, open_session: OpenSession) -> None:
    made, grants = publish(), []
    for n in range(24):
        grants.append(open_session(made, f"key {n}"))
        client.delete(f"{SESSIONS}/{grants[-1]['session_id']}", headers=bearer(grants[-1]))
    assert {g["manifests"][0]["edge"] for g in grants} == {"edge-a", "edge-b"}


def test_a_title_in_the_clear_has_no_drm_but_a_session_token(
    client: TestClient, publish: Publish, open_session: OpenSession
) -> None:
    grant = open_session(publish(scheme=DrmScheme.NONE))
    assert grant["drm"] is None
    assert client.delete(f"{SESSIONS}/{grant['session_id']}", headers=bearer(grant)).status_code == 204


def test_an_idempotency_key_is_compulsory(client: TestClient, publish: Publish) -> None:
    made = publish()
    for headers in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "k" * 256}):
        answer = client.post(SESSIONS, json={"title_id": made.title_id}, headers=headers)
        assert_problem(answer, 400, "bad-request")


def test_the_same_key_gives_the_same_session_and_another_title_is_refused(client: TestClient, publish: Publish) -> None:
    made, other = publish(), publish("other")
    first = client.post(SESSIONS, json={"title_id": made.title_id}, headers=KEY)
    again = client.post(SESSIONS, json={"title_id": made.title_id}, headers=KEY)
    assert (again.status_code, lasting(again.json())) == (201, lasting(first.json()))
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    changed = client.post(SESSIONS, json={"title_id": other.title_id}, headers=KEY)
    assert_problem(changed, 422, "idempotency-key-reused")


def test_the_key_of_a_session_that_is_over_opens_no_other(
    client: TestClient, publish: Publish, open_session: OpenSession
) -> None:
    made = publish()
    grant = open_session(made, "k")
    client.delete(f"{SESSIONS}/{grant['session_id']}", headers=bearer(grant))
    assert_problem(client.post(SESSIONS, json={"title_id": made.title_id}, headers=KEY), 409, "conflict")


def test_a_session_keeps_its_release_when_the_title_moves_on(publish: Publish, open_session: OpenSession) -> None:
    made = publish()
    before = open_session(made, "k")
    newer = publish(plan="b", release={"duration_s": 700})
    assert newer.release_id != made.release_id
    assert lasting(open_session(made, "k")) == lasting(before)
    assert f".{newer.release_id}." in open_session(newer, "fresh")["media"]["token"]


def test_nobody_plays_as_somebody_else(client: TestClient, publish: Publish) -> None:
    body = {"title_id": publish().title_id, "profile_id": "12345"}
    assert_problem(client.post(SESSIONS, json=body, headers=KEY), 422, "invalid-input")


def test_a_player_without_the_key_system_is_told_so(client: TestClient, publish: Publish) -> None:
    wish = {"title_id": publish().title_id, "capabilities": {"codecs": [], "drm": ["com.widevine.alpha"]}}
    problem = assert_problem(client.post(SESSIONS, json=wish, headers=KEY), 409, "conflict")
    assert problem["errors"] == [
        {"field": "capabilities.drm", "expected": "org.w3.clearkey", "got": "com.widevine.alpha"}
    ]
    clear = {**wish, "title_id": publish("clear", scheme=DrmScheme.NONE).title_id}
    assert client.post(SESSIONS, json=clear, headers=KEY).status_code == 201


def test_a_title_that_is_not_shown_cannot_be_played(client: TestClient, publish: Publish) -> None:
    made = publish(metadata={"availability": [{"end": "2001-01-01T00:00:00Z"}]})
    assert_problem(client.post(SESSIONS, json={"title_id": made.title_id}, headers=KEY), 404, "not-found")


class TestProgress:
    @pytest.fixture(autouse=True)
    def _session(self, client: TestClient, publish: Publish, open_session: OpenSession) -> None:
        self.client, self.made, self.open = client, publish(), open_session
        self.grant = open_session(self.made)

    def beat(self, position_ms: int) -> int:
        path = f"{SESSIONS}/{self.grant['session_id']}/heartbeat"
        return self.client.post(path, json={"position_ms": position_ms}, headers=bearer(self.grant)).status_code

    def resume_ms(self) -> int:
        detail = self.client.get(f"/v1/titles/{self.made.title_id}").json()["resume_ms"]
        assert self.open(self.made, "fresh")["resume_ms"] == detail
        return int(detail)

    def test_a_position_is_resumed(self) -> None:
        assert self.beat(120_000) == 200
        assert self.resume_ms() == 120_000

    def test_starting_up_never_overwrites_it(self) -> None:
        self.beat(120_000)
        for position in (0, START_UP_MS - 1):
            assert self.beat(position) == 200
            assert self.resume_ms() == 120_000
        self.beat(START_UP_MS)
        assert self.resume_ms() == START_UP_MS

    def test_a_title_watched_to_its_credits_begins_anew(self) -> None:
        self.beat(559_999)
        assert self.resume_ms() == 559_999
        self.beat(560_000)
        assert self.resume_ms() == 0
        self.beat(2**53)
        assert self.resume_ms() == 0

    def test_the_token_of_another_session_is_refused(self) -> None:
        other = self.open(self.made, "another")
        path = f"{SESSIONS}/{self.grant['session_id']}"
        assert_problem(self.client.delete(path, headers=bearer(other)), 403, "forbidden")
        answer = self.client.post(f"{path}/heartbeat", json={"position_ms": 0})
        assert_problem(answer, 401, "unauthorised")
        assert answer.headers["www-authenticate"].startswith("Bearer")

    def test_the_last_heartbeat_keeps_the_position_and_frees_the_place(self) -> None:
        path = f"{SESSIONS}/{self.grant['session_id']}/heartbeat"
        body = {"position_ms": 120_000, "last": True}
        assert self.client.post(path, json=body, headers=bearer(self.grant)).status_code == 200
        assert self.client.get("/v1/account/streams").json()["items"] == []
        assert self.beat(130_000) == 404
        assert self.resume_ms() == 120_000

    def test_ending_is_final_and_may_be_repeated(self) -> None:
        path = f"{SESSIONS}/{self.grant['session_id']}"
        assert [self.client.delete(path, headers=bearer(self.grant)).status_code for _ in range(2)] == [204, 204]
        assert self.beat(50_000) == 404
        assert self.resume_ms() == 0

    def test_a_heartbeat_is_seen(self) -> None:
        def seen() -> datetime:
            with begin() as session:
                return session.scalars(select(StreamRow.seen_at)).one()

        before = seen()
        self.beat(0)
        assert seen() > before

    def test_withdrawing_the_title_ends_its_sessions(self) -> None:
        with begin() as session:
            titles.set_state(session, int(self.made.title_id), TitleState.WITHDRAWN)
        assert self.beat(50_000) == 404
