"""Visits and playback sessions know whom they are for and from where."""

from pathlib import Path

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.testclient import TestClient

from api.context import Context, context_of, device_of
from api.main import create_app
from marquee.catalogue.database import begin
from marquee.catalogue.models import PlaybackSessionRow, VisitRow
from marquee.settings import settings
from tests.api.conftest import Publish
from tests.households import Viewer

TV = "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/7.0 TV Safari/537.36"
SHIELD = "Mozilla/5.0 (Linux; Android 11; BRAVIA 4K VH2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/110"
IPAD = "Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
TAB = "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36"
PIXEL = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1"
LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("device", "headers"),
    [
        *(("tv", {"user-agent": agent}) for agent in (TV, SHIELD)),
        *(("tablet", {"user-agent": agent}) for agent in (IPAD, TAB)),
        *(("phone", {"user-agent": agent}) for agent in (PIXEL, IPHONE)),
        *(("desktop", {"user-agent": agent}) for agent in (MAC, LINUX)),
        ("phone", {"user-agent": LINUX, "sec-ch-ua-mobile": "?1"}),
        ("tablet", {"user-agent": LINUX, "sec-ch-ua-form-factors": '"Tablet"'}),
        ("desktop", {"user-agent": LINUX, "sec-ch-ua-mobile": "?0"}),
        ("unknown", {"user-agent": "curl/8.5"}),
        ("unknown", {}),
    ],
)
def test_devices_are_told_apart(device: str, headers: dict[str, str]) -> None:
    assert device_of(Headers(headers)) == device


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch, catalogue: None) -> None:
    monkeypatch.setenv("MARQUEE_COUNTRY_HEADER", "X-Country")
    monkeypatch.setenv("MARQUEE_ISP_HEADER", "X-Isp")
    settings.cache_clear()


def request(headers: dict[str, str], *, by_proxy: bool = True) -> Request:
    scope = {"type": "http", "headers": Headers(headers).raw, "client": None, "state": {"by_proxy": by_proxy}}
    return Request(scope)


@pytest.mark.usefixtures("proxied")
def test_country_and_isp_are_as_the_proxy_says() -> None:
    told = {"x-country": "de", "x-isp": " Eine\tFirma " + "x" * 200}
    assert context_of(request(told))[1:] == ("DE", ("EineFirma " + "x" * 200)[:80])
    assert context_of(request(told, by_proxy=False)) == Context("unknown", "ZZ", "unknown")
    for odd in ("", "Germany", "D1", "x", "UK", "XX"):
        assert context_of(request({"x-country": odd, "x-isp": "\x01"})) == Context("unknown", "ZZ", "unknown")


def test_headers_that_no_setting_names_are_nobodys_word(catalogue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert context_of(request({"x-country": "DE", "x-isp": "A"})) == Context("unknown", "ZZ", "unknown")
    monkeypatch.setenv("MARQUEE_TERRITORY", "NZ")
    settings.cache_clear()
    assert context_of(request({})).country == "NZ"


@pytest.mark.usefixtures("proxied")
def test_a_visit_and_a_playback_say_whose_and_where(viewer: Viewer, publish: Publish, tmp_path: Path) -> None:
    where = {"User-Agent": TV, "X-Country": "NZ", "X-Isp": "Fibre & Sons"}
    with TestClient(create_app(tmp_path), client=("127.0.0.1", 1)) as client:
        for whose in (viewer, viewer.another(name="Ben")):
            headers = where | whose.headers | {"Idempotency-Key": "k"}
            visit = client.post("/v1/visits", headers=headers)
            assert visit.status_code == 201
            grant = client.post("/v1/playback-sessions", json={"title_id": publish().title_id}, headers=headers).json()
            with begin() as session:
                found = (
                    session.get_one(VisitRow, int(visit.json()["visit_id"])),
                    session.get_one(PlaybackSessionRow, int(grant["session_id"])),
                )
                told = [(r.account_id, r.profile_id, r.device, r.country, r.isp) for r in found]
            assert told == [(whose.account_id, whose.profile_id, "tv", "NZ", "Fibre & Sons")] * 2


def test_each_showing_is_a_visit_of_its_own(client: TestClient) -> None:
    ids = {client.post("/v1/visits").json()["visit_id"] for _ in range(3)}
    assert len(ids) == 3
