"""Licences of the operator's servers: who may ask, what the server is told, and what players are offered."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from marquee.catalogue import subscriptions
from marquee.catalogue.database import begin
from marquee.contracts.plans import SubscriptionState
from marquee.settings import Settings, settings
from tests.api.conftest import OpenSession, Publish, Published, assert_problem, bearer
from tests.content.drm.test_challenges import field, guid, playready, widevine
from tests.content.drm.test_upstream import LicenceServer, reply
from tests.households import Viewer

KEY = "known to the licence server and to us alone"
SYSTEMS = {"widevine": "com.widevine.alpha", "playready": "com.microsoft.playready", "fairplay": "com.apple.fps"}


class Server(LicenceServer):
    """A licence server that reads the statement with which a request comes; `told` are its claims."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[dict[str, Any]] = []
        self.types: list[str] = []

        def answer(handler: Any) -> None:
            token = handler.headers["Authorization"].removeprefix("Bearer ")
            self.told.append(jwt.decode(token, KEY, algorithms=["HS256"], audience="licence-server"))
            self.types.append(handler.headers["Content-Type"])
            reply(handler, 200, b"\x00licence")

        self.answer = answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """One server for all systems, as the settings name it."""
    made, certificate = Server(), tmp_path / "fairplay.cer"
    certificate.write_bytes(b"a certificate")
    for system in SYSTEMS:
        monkeypatch.setenv(f"MARQUEE_{system.upper()}_URL", made.url())
    monkeypatch.setenv("MARQUEE_FAIRPLAY_CERTIFICATE", str(certificate))
    monkeypatch.setenv("MARQUEE_LICENCE_SERVER_KEY", KEY)
    monkeypatch.setenv("MARQUEE_LICENCE_SERVERS_INSIDE", "true")
    settings.cache_clear()
    yield made
    made.close()


@pytest.fixture
def made(publish: Publish) -> Published:
    return publish()


@pytest.fixture
def grant(server: Server, made: Published, open_session: OpenSession) -> dict[str, Any]:
    return open_session(made)


def challenge(system: str, *kids: str) -> dict[str, Any]:
    """A player's request for keys."""
    if system == "widevine":
        pssh = b"".join(field(2, bytes.fromhex(kid)) for kid in kids)
        return {"content": widevine(field(1, field(1, pssh)))}
    if system == "playready":
        return {"content": playready("".join(f"<KID>{guid(kid)}</KID>" for kid in kids))}
    return {"content": b"sealed", "params": {"kid": kids[0]}}


def ask(client: TestClient, grant: dict[str, Any], system: str, *kids: str) -> Any:
    return client.post(f"/v1/licences/{system}", headers=bearer(grant), **challenge(system, *kids))


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_request_goes_to_the_server_and_its_licence_comes_back(
    client: TestClient, server: Server, grant: dict[str, Any], made: Published, system: str
) -> None:
    answer = ask(client, grant, system, made.keys[0].kid)
    assert (answer.status_code, answer.content) == (200, b"\x00licence")
    assert answer.headers["cache-control"] == "no-store"
    assert server.asked[0][1] == challenge(system, made.keys[0].kid)["content"]
    assert server.types == ["text/xml; charset=utf-8" if system == "playready" else "application/octet-stream"]


def test_the_server_is_told_whose_request_it_is_and_what_may_be_given(
    client: TestClient, server: Server, grant: dict[str, Any], made: Published
) -> None:
    picture, sound = made.keys
    ask(client, grant, "widevine", picture.kid)
    (told,) = server.told
    assert told["sub"] == grant["session_id"]
    assert told["persistent"] is False
    assert told["keys"] == {
        picture.kid: {"track": "HD", "security": "software_decode", "hdcp": "1.0"},
        sound.kid: {"track": "AUDIO", "security": "software_crypto", "hdcp": None},
    }
    ends = datetime.fromisoformat(grant["expires_at"]).timestamp()
    assert abs(told["iat"] + told["licence_s"] - ends) < 60
    assert told["renewal_s"] <= told["licence_s"]
    assert told["exp"] - told["iat"] <= 60


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_key_of_another_release_reaches_no_server(
    client: TestClient, server: Server, grant: dict[str, Any], publish: Publish, system: str
) -> None:
    assert_problem(ask(client, grant, system, publish("other").keys[0].kid), 403, "forbidden")
    assert server.asked == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_session_that_is_over_gets_nothing(
    client: TestClient, server: Server, grant: dict[str, Any], made: Published, system: str
) -> None:
    client.delete(f"/v1/playback-sessions/{grant['session_id']}", headers=bearer(grant))
    assert_problem(ask(client, grant, system, made.keys[0].kid), 403, "forbidden")
    assert server.asked == []


def test_nor_does_who_has_lost_the_plan(
    client: TestClient, server: Server, grant: dict[str, Any], made: Published, viewer: Viewer
) -> None:
    with begin() as session:
        subscriptions.put(session, viewer.account_id, plan="premium", state=SubscriptionState.UNPAID, provider="test")
    assert_problem(ask(client, grant, "widevine", made.keys[0].kid), 403, "payment-due")
    assert server.asked == []


def test_a_renewal_names_no_key_and_is_told_the_same(client: TestClient, server: Server, grant: dict[str, Any]) -> None:
    renewal = widevine(field(3, b"an existing licence"))
    assert client.post("/v1/licences/widevine", headers=bearer(grant), content=renewal).status_code == 200
    assert server.told[0]["sub"] == grant["session_id"]


@pytest.mark.parametrize(("over", "state"), [(False, "playing"), (True, "ended")])
def test_a_licence_is_given_back_though_the_session_is_over(
    client: TestClient, server: Server, grant: dict[str, Any], over: bool, state: str
) -> None:
    if over:
        client.delete(f"/v1/playback-sessions/{grant['session_id']}", headers=bearer(grant))
    message = widevine(field(3, b"an existing licence"))
    answer = client.post("/v1/licences/widevine/release", headers=bearer(grant), content=message)
    assert (answer.status_code, answer.content) == (200, b"\x00licence")
    (told,) = server.told
    assert (told["sub"], told["release"], told["keys"]) == (grant["session_id"], state, {})
    assert server.asked[0][1] == message
    counted = 'marquee_api_requests_total{method="POST",route="/v1/licences/{system}/release",status="200"} 1.0'
    assert counted in client.get("/metrics").text


def test_nonsense_is_not_given_back(client: TestClient, server: Server, grant: dict[str, Any]) -> None:
    path = "/v1/licences/widevine/release"
    assert_problem(client.post(path, headers=bearer(grant), content=b"\xff\xff\xff"), 422, "invalid-input")
    with_media = {"Authorization": f"Bearer {grant['media']['token']}"}
    assert_problem(client.post(path, headers=with_media, content=b""), 401, "unauthorised")
    assert server.asked == []


def test_fairplay_has_to_say_for_which_key(client: TestClient, server: Server, grant: dict[str, Any]) -> None:
    answer = client.post("/v1/licences/fairplay", headers=bearer(grant), content=b"sealed")
    assert_problem(answer, 422, "invalid-input")
    assert server.asked == []


def test_players_are_offered_what_is_served(client: TestClient, grant: dict[str, Any]) -> None:
    servers = {system: f"http://testserver/v1/licences/{name}" for name, system in SYSTEMS.items()}
    clearkey = {"org.w3.clearkey": "http://testserver/v1/licences/clearkey"}
    assert grant["drm"]["servers"] == servers | clearkey
    answer = client.get(grant["drm"]["certificates"]["com.apple.fps"], headers={"Authorization": ""})
    assert (answer.content, answer.headers["cache-control"]) == (b"a certificate", "public, max-age=86400")


def test_a_certificate_that_cannot_be_read_is_said_to_be(client: TestClient, server: Server, tmp_path: Path) -> None:
    (tmp_path / "fairplay.cer").unlink()
    assert_problem(client.get("/v1/licences/fairplay/certificate"), 503, "unavailable")


def test_clearkey_can_be_kept_from_everybody(
    client: TestClient, server: Server, made: Published, open_session: OpenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARQUEE_CLEARKEY", "false")
    settings.cache_clear()
    grant = open_session(made)
    assert set(grant["drm"]["servers"]) == set(SYSTEMS.values())
    kid = made.keys[0].kid
    assert_problem(client.get(f"/v1/licences/keys/{kid}", headers=bearer(grant)), 404, "not-found")
    body = {"kids": ["AAAAAAAAAAAAAAAAAAAAAA"], "type": "temporary"}
    assert_problem(client.post("/v1/licences/clearkey", json=body, headers=bearer(grant)), 404, "not-found")


def test_a_system_without_a_server_is_neither_offered_nor_found(
    client: TestClient, made: Published, open_session: OpenSession
) -> None:
    grant = open_session(made)
    assert set(grant["drm"]["servers"]) == {"org.w3.clearkey"}
    assert_problem(ask(client, grant, "widevine", made.keys[0].kid), 404, "not-found")
    assert_problem(client.get("/v1/licences/fairplay/certificate"), 404, "not-found")


@pytest.mark.parametrize("system", SYSTEMS)
def test_without_a_token_nothing_is_asked(client: TestClient, server: Server, made: Published, system: str) -> None:
    request = challenge(system, made.keys[0].kid)
    answer = client.post(f"/v1/licences/{system}", headers={"Authorization": ""}, **request)
    assert_problem(answer, 401, "unauthorised")
    assert server.asked == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"widevine_url": "https://licences.example/"},
        {"fairplay_url": "https://licences.example/", "licence_server_key": KEY},
        {"widevine_url": "file:///etc/passwd", "licence_server_key": KEY},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, **wrong)  # type: ignore[arg-type]
