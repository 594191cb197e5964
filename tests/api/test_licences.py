import base64
from datetime import timedelta
from typing import Any

import jwt
import pytest
from starlette.testclient import TestClient

from marquee.catalogue import releases, subscriptions
from marquee.catalogue.database import begin
from marquee.catalogue.models import PlaybackSessionRow, now
from marquee.content.drm.licence import b64url
from marquee.contracts.keys import ContentKey
from marquee.contracts.plans import SubscriptionState
from marquee.settings import settings
from tests.api.conftest import OpenSession, Publish, Published, assert_problem, bearer
from tests.households import Viewer

CLEARKEY = "/v1/licences/clearkey"


def request(*keys: ContentKey) -> dict[str, Any]:
    return {"kids": [b64url(bytes.fromhex(k.kid)) for k in keys], "type": "temporary"}


@pytest.fixture
def made(publish: Publish) -> Published:
    return publish()


@pytest.fixture
def grant(made: Published, open_session: OpenSession) -> dict[str, Any]:
    return open_session(made)


def test_a_session_gets_the_keys_of_its_release(client: TestClient, made: Published, grant: dict[str, Any]) -> None:
    answer = client.post(CLEARKEY, json=request(*made.keys), headers=bearer(grant))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    keys = {k["kid"]: k["k"] for k in answer.json()["keys"]}
    assert keys == {b64url(bytes.fromhex(k.kid)): b64url(k.reveal()) for k in made.keys}


def test_a_raw_key_is_sixteen_bytes(client: TestClient, made: Published, grant: dict[str, Any]) -> None:
    kid = made.keys[0].kid
    dashed = f"{kid[:8]}-{kid[8:12]}-{kid[12:16]}-{kid[16:20]}-{kid[20:]}".upper()
    for form in (kid, dashed):
        answer = client.get(f"/v1/licences/keys/{form}", headers=bearer(grant))
        assert answer.content == made.keys[0].reveal()
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/octet-stream"


def test_a_plan_that_ends_below_a_picture_has_not_its_key(
    client: TestClient, made: Published, viewer: Viewer, open_session: OpenSession
) -> None:
    tall, other = made.keys
    with begin() as session:
        row = releases.get(session, int(made.release_id))
        small, large = row.document["video"]
        row.document = row.document | {"video": [small | {"kid": other.kid}, large | {"kid": tall.kid}]}
        subscriptions.put(session, viewer.account_id, plan="basic", state=SubscriptionState.ACTIVE, provider="test")
    grant = open_session(made)
    assert client.post(CLEARKEY, json=request(other), headers=bearer(grant)).status_code == 200
    assert_problem(client.post(CLEARKEY, json=request(tall, other), headers=bearer(grant)), 403, "forbidden")
    for address in (f"/v1/licences/keys/{tall.kid}", f"/v1/licences/keys/{tall.kid}?token={grant['token']}"):
        assert_problem(client.get(address, headers=bearer(grant)), 403, "forbidden")


@pytest.mark.parametrize("token", ["{token}", "x", ""])
def test_a_player_that_sends_no_header_shows_the_token_in_the_address(
    client: TestClient, made: Published, grant: dict[str, Any], token: str
) -> None:
    shown = token.format(token=grant["token"])
    answer = client.get(f"/v1/licences/keys/{made.keys[0].kid}?token={shown}", headers={"Authorization": ""})
    assert answer.status_code == (200 if shown == grant["token"] else 401)


def test_keys_of_another_release_are_refused(
    client: TestClient, made: Published, grant: dict[str, Any], publish: Publish
) -> None:
    other = publish("other")
    answer = client.post(CLEARKEY, json=request(made.keys[0], other.keys[0]), headers=bearer(grant))
    assert_problem(answer, 403, "forbidden")
    assert b64url(made.keys[0].reveal()) not in answer.text
    assert_problem(client.get(f"/v1/licences/keys/{other.keys[0].kid}", headers=bearer(grant)), 403, "forbidden")


def test_no_keys_after_the_end(client: TestClient, made: Published, grant: dict[str, Any]) -> None:
    client.delete(f"/v1/playback-sessions/{grant['session_id']}", headers=bearer(grant))
    assert_problem(client.post(CLEARKEY, json=request(*made.keys), headers=bearer(grant)), 403, "forbidden")
    assert_problem(client.get(f"/v1/licences/keys/{made.keys[0].kid}", headers=bearer(grant)), 403, "forbidden")


def test_no_keys_once_the_session_has_expired_though_the_token_has_not(
    client: TestClient, made: Published, grant: dict[str, Any]
) -> None:
    with begin() as session:
        row = session.get(PlaybackSessionRow, int(grant["session_id"]))
        assert row is not None
        row.expires_at = now()
    assert_problem(client.post(CLEARKEY, json=request(*made.keys), headers=bearer(grant)), 403, "forbidden")


def forged(grant: dict[str, Any], *, algorithm: str = "HS256", key: str | None = None, **claims: Any) -> str:
    whole = {"aud": "licence", "sub": grant["session_id"], "acc": "7", "exp": now() + timedelta(hours=1), **claims}
    kept = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(kept, settings().secret("token_key") if key is None else key, algorithm=algorithm)


WRONG = {
    "another audience": {"aud": "media"},
    "no audience": {"aud": None},
    "no end": {"exp": None},
    "no session": {"sub": None},
    "not a session": {"sub": "abc"},
    "no account": {"acc": None},
    "not an account": {"acc": "abc"},
    "another key": {"key": "k" * 43},
    "another algorithm": {"algorithm": "HS512"},
    "no signature": {"algorithm": "none", "key": ""},
}


def test_a_forged_token_would_pass_if_nothing_were_wrong_with_it(
    client: TestClient, made: Published, grant: dict[str, Any]
) -> None:
    headers = {"Authorization": f"Bearer {forged(grant)}"}
    assert client.post(CLEARKEY, json=request(*made.keys), headers=headers).status_code == 200


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_only_tokens_of_this_audience_and_making_open_licences(
    client: TestClient, made: Published, grant: dict[str, Any], wrong: dict[str, Any]
) -> None:
    headers = {"Authorization": f"Bearer {forged(grant, **wrong)}"}
    assert_problem(client.post(CLEARKEY, json=request(*made.keys), headers=headers), 401, "unauthorised")


def test_an_expired_token_is_forbidden(client: TestClient, made: Published, grant: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {forged(grant, exp=now() - timedelta(seconds=1))}"}
    assert_problem(client.post(CLEARKEY, json=request(*made.keys), headers=headers), 403, "forbidden")


def test_a_media_token_opens_no_licence(client: TestClient, made: Published, grant: dict[str, Any]) -> None:
    media = grant["media"]["token"]
    for headers in ({"Authorization": f"Bearer {media}"}, {}, {"Authorization": f"Basic {grant['token']}"}):
        answer = client.post(CLEARKEY, json=request(*made.keys), headers=headers)
        assert_problem(answer, 401, "unauthorised")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"kids": []}', b'{"kids": ["x"]}', b"\xff\x00", b"[" * 5000])
def test_garbage_is_invalid_input(client: TestClient, grant: dict[str, Any], body: bytes) -> None:
    assert_problem(client.post(CLEARKEY, content=body, headers=bearer(grant)), 422, "invalid-input")
    kid = base64.b16encode(body).decode() or "x"
    assert_problem(client.get(f"/v1/licences/keys/{kid}", headers=bearer(grant)), 422, "invalid-input")
