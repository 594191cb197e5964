"""A title under cbcs and cenc: each player gets manifests of the scheme that it opens, and the keys of both."""

import json
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from api.release_cache import facts
from marquee.catalogue import releases
from marquee.catalogue.database import begin
from marquee.content.drm.keys import new_key, wrap
from marquee.content.drm.licence import b64url
from marquee.contracts.keys import ContentKey
from marquee.contracts.plan import DrmScheme
from marquee.settings import settings
from marquee.storage import Store
from tests.api.conftest import Publish, Published, assert_problem, bearer
from tests.content.edge.test_session_manifests import MASTER, MPD, PLAYLIST

SESSIONS = "/v1/playback-sessions"


@pytest.fixture
def second() -> list[ContentKey]:
    """The keys of the second encryption."""
    return []


@pytest.fixture
def made(publish: Publish, second: list[ContentKey]) -> Published:
    """A title with both; the manifests of cenc name another rendition, so that they are told apart."""
    title = publish(scheme=DrmScheme.BOTH)
    second += [new_key(key.track) for key in title.keys]
    with begin() as session:
        row = releases.get(session, int(title.release_id))
        for key in second:
            wrapped = wrap(key, master=settings().secret("master_key"), release_id=row.id)
            releases.add_key(session, row.id, key.track, key.kid, wrapped, "cenc")
        kids = {first.kid: own.kid for first, own in zip(title.keys, second, strict=True)}
        said = {"scheme": "cenc", "dash": "dash/cenc.mpd", "hls": "hls/cenc-master.m3u8", "kids": kids}
        row.document = {**(row.document or {}), "second": said}
    store = Store(next(iter(settings().origins.values())))
    first = {"dash/manifest.mpd": MPD, "hls/master.m3u8": MASTER, "hls/video-h264-360p.m3u8": PLAYLIST}
    for path, text in first.items():
        store.write(f"{title.title_id}/{title.release_id}/{path}", text.encode())
    added = {"dash/cenc.mpd": MPD, "hls/cenc-master.m3u8": MASTER.replace("video-h264", "cenc-video-h264")}
    for path, text in added.items():
        store.write(f"{title.title_id}/{title.release_id}/{path}", text.replace("h264-1080p", "marked").encode())
    return title


def opened(client: TestClient, title: Published, schemes: list[str], key: str = "key") -> httpx.Response:
    wanted = {"title_id": title.title_id, "capabilities": {"schemes": schemes}}
    return client.post(SESSIONS, json=wanted, headers={"Idempotency-Key": key})


def manifests(client: TestClient, grant: dict[str, Any]) -> list[str]:
    answers = [client.get(each["url"], headers={"Authorization": ""}) for each in grant["manifests"][:2]]
    assert [answer.status_code for answer in answers] == [200, 200]
    return [answer.text for answer in answers]


@pytest.mark.parametrize(
    ("schemes", "cenc"), [([], False), (["cbcs"], False), (["cenc", "cbcs"], False), (["cenc"], True)]
)
def test_a_player_gets_the_scheme_that_it_opens(
    client: TestClient, made: Published, schemes: list[str], *, cenc: bool
) -> None:
    grant = opened(client, made, schemes).json()
    assert all(each["url"].endswith("&scheme=cenc") == cenc for each in grant["manifests"])
    assert [("marked" in text) for text in manifests(client, grant)] == [cenc, cenc]


def test_a_player_that_opens_none_is_told_so(client: TestClient, publish: Publish) -> None:
    assert_problem(opened(client, publish(scheme=DrmScheme.CBCS), ["cenc"]), 409, "conflict")
    assert opened(client, publish("clear", scheme=DrmScheme.NONE), ["cenc"], "another").status_code == 201


def test_a_session_may_have_the_keys_of_both(client: TestClient, made: Published, second: list[ContentKey]) -> None:
    grant = opened(client, made, ["cenc"]).json()
    kids = [b64url(bytes.fromhex(key.kid)) for key in (*made.keys, *second)]
    answer = client.post("/v1/licences/clearkey", content=json.dumps({"kids": kids}), headers=bearer(grant))
    given = {each["kid"]: each["k"] for each in answer.json()["keys"]}
    assert given == {b64url(bytes.fromhex(key.kid)): b64url(key.reveal()) for key in (*made.keys, *second)}


def test_there_is_no_scheme_but_those_of_the_release(client: TestClient, made: Published) -> None:
    grant = opened(client, made, []).json()
    url = grant["manifests"][0]["url"]
    assert facts(int(made.release_id)).release.encryption(DrmScheme.CBCS) is None
    assert_problem(client.get(f"{url}&scheme=none", headers={"Authorization": ""}), 404, "not-found")
    assert_problem(client.get(f"{url}&scheme=cens", headers={"Authorization": ""}), 422, "invalid-input")


def test_fairplay_gets_no_key_of_cenc(
    client: TestClient,
    made: Published,
    second: list[ContentKey],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    grant = opened(client, made, []).json()
    monkeypatch.setenv("MARQUEE_FAIRPLAY_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("MARQUEE_FAIRPLAY_CERTIFICATE", str(tmp_path / "fairplay.cer"))
    monkeypatch.setenv("MARQUEE_LICENCE_SERVER_KEY", "k" * 43)
    settings.cache_clear()
    for key, status in ((second[0], 403), (made.keys[0], 503)):  # the server behind is away
        url = f"/v1/licences/fairplay?kid={key.kid}"
        assert client.post(url, content=b"sealed", headers=bearer(grant)).status_code == status
