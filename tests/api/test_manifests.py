"""A session's manifests: what it may play and no more, for whoever holds their token, while the session lives."""

import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from api.main import create_app
from api.release_cache import facts
from marquee.catalogue import subscriptions, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import TitleState
from marquee.content.edge.signing import sign, verify
from marquee.contracts.plans import SubscriptionState
from marquee.settings import settings
from marquee.storage import Store
from tests.api.conftest import OpenSession, Publish, Published, assert_problem, bearer
from tests.content.edge.test_session_manifests import MASTER, MPD, PLAYLIST
from tests.households import Viewer

SESSIONS = "/v1/playback-sessions"
EDGES = sorted(settings().edges)


def pack(title: Published) -> None:
    """Put a title's manifests into one replica only, and not the first."""
    *_, last = settings().origins.values()
    release = facts(int(title.release_id)).release
    tracks = [f"video-{each.name}" for each in release.video] + [f"audio-{each.name}" for each in release.audio]
    playlists = {f"hls/{name}.m3u8": PLAYLIST for name in (*tracks, "video-h264-360p")}
    for path, text in {"dash/manifest.mpd": MPD, "hls/master.m3u8": MASTER, **playlists}.items():
        Store(last).write(f"{title.title_id}/{title.release_id}/{path}", text.encode())


@pytest.fixture
def made(publish: Publish) -> Published:
    title = publish()
    pack(title)
    return title


@pytest.fixture
def grant(made: Published, open_session: OpenSession) -> dict[str, Any]:
    return open_session(made)


def manifest(grant: dict[str, Any], kind: str = "application/dash+xml") -> httpx.URL:
    return httpx.URL(next(m["url"] for m in grant["manifests"] if m["type"] == kind))


def hls(grant: dict[str, Any]) -> httpx.URL:
    return manifest(grant, "application/vnd.apple.mpegurl")


def anybody(client: TestClient, url: httpx.URL | str) -> httpx.Response:
    """As a player asks: with the address alone."""
    return client.get(str(url), headers={"Authorization": ""})


def with_token(url: httpx.URL, **changes: Any) -> httpx.URL:
    """The address with another token, signed as ours are."""
    key = settings().secret("edge_key")
    granted = verify(url.params["token"], key=key).model_copy(update=changes)
    return url.copy_set_param("token", sign(granted, key=key))


def test_a_player_needs_nothing_but_the_address(client: TestClient, grant: dict[str, Any], made: Published) -> None:
    for link in grant["manifests"]:
        answer = anybody(client, link["url"])
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith(link["type"])
        assert answer.headers["cache-control"].startswith("private")
    dash = anybody(client, manifest(grant)).text
    edge = grant["edges"][0]
    assert f'<BaseURL serviceLocation="{edge["name"]}">{edge["url"]}/m/2.media.' in dash
    assert f"/{made.title_id}/{made.release_id}/dash/</BaseURL>" in dash
    assert f'defaultServiceLocation="{edge["name"]}">http://testserver/v1/steering/{grant["session_id"]}<' in dash
    bases = [dash.index(f"{edge['url']}/m/2.media.") for edge in grant["edges"]]
    assert bases == sorted(bases)


def test_an_hls_player_finds_its_way_down_to_the_key(
    client: TestClient, grant: dict[str, Any], made: Published
) -> None:
    master = anybody(client, hls(grant)).text
    playlist = next(line for line in master.splitlines() if "video-h264-1080p" in line and not line.startswith("#"))
    text = anybody(client, playlist.replace("1080p", "360p")).text
    assert f"{grant['edges'][0]['url']}/m/2.media." in text
    address = text.split('URI="')[1].split('"')[0]
    kid = made.keys[0].kid
    answer = anybody(client, address.replace(address.split("/keys/")[1].split("?")[0], kid))
    assert answer.content == made.keys[0].reveal()


def test_a_player_that_cannot_renew_gets_a_token_for_the_whole_session(
    client: TestClient, grant: dict[str, Any]
) -> None:
    lives = {}
    for native in (False, True):
        url = hls(grant).copy_set_param("native", str(native).lower())
        master = anybody(client, url).text
        playlist = next(line for line in master.splitlines() if line.startswith("http")).replace("1080p", "360p")
        token = anybody(client, playlist).text.split("/m/")[1].split("/")[0]
        lives[native] = verify(token, key=settings().secret("edge_key")).expires - time.time()
        steered = "#EXT-X-CONTENT-STEERING:" in master
        assert steered == native == ("EXT-X-SESSION-KEY" in master) == (f'PATHWAY-ID="{EDGES[1]}"' in master)
    assert lives[False] <= settings().media_token_s
    assert lives[True] > settings().playback_token_s - 60


class TestPlan:
    """A plan up to 720 lines, and one up to 2160."""

    @pytest.fixture(autouse=True)
    def _here(self, client: TestClient, made: Published, open_session: OpenSession, viewer: Viewer) -> None:
        self.client, self.made, self.open, self.viewer = client, made, open_session, viewer

    def plan(self, name: str) -> None:
        with begin() as session:
            subscriptions.put(
                session, self.viewer.account_id, plan=name, state=SubscriptionState.ACTIVE, provider="test"
            )

    def lines(self, grant: dict[str, Any]) -> int:
        return verify(grant["media"]["token"], key=settings().secret("edge_key")).lines

    def test_limits_manifests_and_tokens(self) -> None:
        whole = self.open(self.made)
        assert self.lines(whole) == 0
        self.client.delete(f"{SESSIONS}/{whole['session_id']}", headers=bearer(whole))
        self.plan("basic")
        small = self.open(self.made, "another")
        assert self.lines(small) == 360  # the release has 360 and 1080
        dash = anybody(self.client, manifest(small)).text
        assert ('height="1080"' in dash, 'height="360"' in dash) == (False, True)
        master = anybody(self.client, hls(small)).text
        assert ("video-h264-1080p" in master, "1920x1080" in master) == (False, False)

    def test_that_becomes_smaller_holds_from_the_next_heartbeat_on(self) -> None:
        grant = self.open(self.made)
        self.plan("basic")
        path = f"{SESSIONS}/{grant['session_id']}/heartbeat"
        answer = self.client.post(path, json={"position_ms": 0}, headers=bearer(grant))
        assert self.lines({"media": answer.json()}) == 360
        assert "video-h264-1080p" not in anybody(self.client, hls(grant)).text


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"audience": "media"}, 403),
        ({"audience": "thumbs"}, 403),
        ({"session_id": 7}, 403),
        ({"expires": 1}, 403),
        ({"network": "cb0071"}, 403),
        ({}, 200),
    ],
)
def test_another_token_opens_no_manifest(
    client: TestClient, grant: dict[str, Any], changes: dict[str, Any], status: int
) -> None:
    for url in (manifest(grant), hls(grant)):
        assert anybody(client, with_token(url, **changes)).status_code == status


@pytest.mark.parametrize("token", ["", "x", "2.manifest.1.2.3.0..9999999999.mac", "é"])
def test_nonsense_opens_no_manifest(client: TestClient, grant: dict[str, Any], token: str) -> None:
    assert anybody(client, manifest(grant).copy_set_param("token", token)).status_code in {401, 422}


def test_an_unknown_edge_or_playlist_is_not_found(client: TestClient, grant: dict[str, Any]) -> None:
    assert_problem(anybody(client, manifest(grant).copy_set_param("edge", "edge-z")), 404, "not-found")
    folder = str(hls(grant)).replace("master.m3u8", "playlists/none.m3u8")
    assert_problem(anybody(client, folder), 404, "not-found")
    for name in ("..%2f..%2frelease", "%2e%2e", "a%00b"):
        answer = anybody(client, str(hls(grant)).replace("master.m3u8", f"playlists/{name}.m3u8"))
        assert answer.status_code in {404, 422}


class TestStanding:
    """What edges are told of a session."""

    @pytest.fixture(autouse=True)
    def _here(self, client: TestClient, made: Published, grant: dict[str, Any], viewer: Viewer) -> None:
        self.client, self.made, self.grant, self.viewer = client, made, grant, viewer

    def standing(self, token: str | None = None, session: str | None = None) -> int:
        path = f"{SESSIONS}/{session or self.grant['session_id']}/standing"
        shown = self.grant["media"]["token"] if token is None else token
        return self.client.get(path, headers={"Authorization": f"Bearer {shown}"}).status_code

    def changed(self, **changes: Any) -> str:
        key = settings().secret("edge_key")
        return sign(verify(self.grant["media"]["token"], key=key).model_copy(update=changes), key=key)

    def test_a_session_that_plays_is_served(self) -> None:
        assert self.standing() == 204

    def test_an_ended_one_is_not(self) -> None:
        self.client.delete(f"{SESSIONS}/{self.grant['session_id']}", headers=bearer(self.grant))
        assert self.standing() == 403

    def test_one_stopped_from_another_device_is_not(self) -> None:
        self.client.delete(f"/v1/account/streams/{self.grant['session_id']}")
        assert self.standing() == 403

    def test_one_of_a_withdrawn_title_is_not(self) -> None:
        with begin() as session:
            titles.set_state(session, int(self.made.title_id), TitleState.WITHDRAWN)
        assert self.standing() == 403

    def test_one_without_a_plan_is_not(self) -> None:
        with begin() as session:
            subscriptions.put(
                session, self.viewer.account_id, plan="premium", state=SubscriptionState.UNPAID, provider="test"
            )
        assert self.standing() == 403

    def test_one_of_a_deleted_profile_is_not(self) -> None:
        other = self.viewer.another(name="Other")
        assert self.client.delete(self.viewer.path(), headers=other.headers).status_code == 204
        assert self.standing() == 403

    def test_only_its_own_token_asks_for_it(self) -> None:
        assert self.standing(self.changed(session_id=7)) == 401
        assert self.standing(session="7") == 401
        assert self.standing(self.changed(expires=1)) == 401
        assert self.standing("x") == 401
        assert self.standing(self.grant["token"]) == 401


@pytest.mark.parametrize("bound", [False, True])
def test_a_token_is_bound_to_the_viewers_network_where_the_settings_say_so(
    made: Published, viewer: Viewer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, bound: bool
) -> None:
    monkeypatch.setenv("MARQUEE_MEDIA_TOKEN_NETWORK", str(bound))
    settings.cache_clear()
    with calling_from(113, tmp_path) as at_home, calling_from(114, tmp_path) as elsewhere:
        headers = viewer.headers | {"Idempotency-Key": "k"}
        grant = at_home.post(SESSIONS, json={"title_id": made.title_id}, headers=headers).json()
        media = verify(grant["media"]["token"], key=settings().secret("edge_key"))
        assert media.network == ("cb0071" if bound else "")
        assert anybody(at_home, manifest(grant)).status_code == 200
        assert anybody(elsewhere, manifest(grant)).status_code == (403 if bound else 200)


def calling_from(network: int, folder: Path) -> TestClient:
    return TestClient(create_app(folder / "dist"), client=(f"203.0.{network}.9", 50_000))


def test_of_a_watermarked_release_the_edge_chooses_the_variants(
    client: TestClient, publish: Publish, open_session: OpenSession
) -> None:
    """Every token for its media says so, and opens the edge's question whether the session stands."""
    title = publish("a-marked-film", release={"watermark": "0" * 16})
    pack(title)
    grant = open_session(title)
    playlist = next(line for line in anybody(client, hls(grant)).text.splitlines() if line.startswith("http"))
    texts = [
        anybody(client, playlist.replace("1080p", "360p")).text,
        anybody(client, manifest(grant)).text,
        f"/m/{grant['media']['token']}/",
    ]
    for text in texts:
        token = re.search(r"/m/(2\.marked\.[^/]+)/", text)
        assert token
        assert "/m/2.media." not in text
        shown = {"Authorization": f"Bearer {token[1]}"}
        assert client.get(f"{SESSIONS}/{grant['session_id']}/standing", headers=shown).status_code == 204
