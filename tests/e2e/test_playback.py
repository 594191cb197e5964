"""A viewer in a real browser: from the catalogue page to the last frame, from DASH and from HLS, and locked out.

By TLS, past the gateway and from edges that speak it as well; once without.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.e2e.conftest import FILM_S, Platform, signed_in, until

pytestmark = pytest.mark.slow


@pytest.fixture
def site(request: pytest.FixtureRequest, platform: Platform) -> str:
    """Where viewers come in: by TLS, or with the parameter "plain" without."""
    plain = getattr(request, "param", "") == "plain"
    return platform.settings.api_url if plain else str(request.getfixturevalue("secure").api_url)


@pytest.fixture
def page(browser: Browser, platform: Platform, site: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, bypass_csp=True, ignore_https_errors=True)
    yield signed_in(context, platform, site)
    context.close()


def watch(page: Page, site: str, title_id: str, kind: str) -> None:
    page.goto(f"{site}/watch/{title_id}?manifest={kind}&restart")
    until(lambda: page.evaluate("!!window.marquee && window.marquee.video.readyState > 1"), 30, "the first frame")


def state(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(
        """() => { const { video, player } = window.marquee; const quality = video.getVideoPlaybackQuality();
        return { at: video.currentTime, ended: video.ended, error: video.error && video.error.message,
                 frames: quality.totalVideoFrames, dropped: quality.droppedVideoFrames,
                 height: video.videoHeight, tracks: player.getVariantTracks().length,
                 texts: player.getTextTracks().length, images: player.getImageTracks().length }; }"""
    )
    return found


@pytest.mark.parametrize(("kind", "site"), [("dash", "plain"), ("dash", "tls"), ("hls", "tls")], indirect=["site"])
def test_a_title_plays_to_its_end(page: Page, site: str, film: str, kind: str) -> None:
    errors: list[str] = []
    misses: list[str] = []
    schemes: set[str] = set()

    def look(response: Response) -> None:
        schemes.add(response.url.partition(":")[0])
        if "/m/" in response.url and response.request.method == "GET":
            if not response.ok:
                errors.append(f"{response.status} {response.url.rsplit('/', 2)[-1]}")
            elif response.headers.get("x-cache-status") != "HIT":
                misses.append(response.url)

    page.on("response", look)
    page.on("pageerror", lambda error: errors.append(str(error)))
    watch(page, site, film, kind)
    first = state(page)
    assert first["tracks"] >= 2
    assert first["texts"] == 1
    assert first["images"] == 1
    until(lambda: state(page)["at"] > first["at"] + 1, 15, "the programme moves")
    until(lambda: state(page)["ended"], 60, "the end")
    last = state(page)
    assert last["error"] is None
    assert last["at"] == pytest.approx(FILM_S, abs=0.2)
    assert last["frames"] > 0.8 * FILM_S * 24
    assert errors == []
    assert misses == []
    assert schemes - {"blob", "data"} == {site.partition(":")[0]}
    print(f"{kind}: {last['dropped']} of {last['frames']} frames dropped")  # noqa: T201


def test_seeking_and_changing_quality_go_on_playing(page: Page, site: str, film: str) -> None:
    watch(page, site, film, "dash")
    page.evaluate("window.marquee.video.currentTime = 7")
    until(lambda: state(page)["at"] > 7.3, 15, "playing after a seek")
    lowest = page.evaluate(
        """() => { const { player } = window.marquee; player.configure({ abr: { enabled: false } });
        const tracks = player.getVariantTracks().filter(t => t.videoCodec.startsWith('avc'));
        const low = tracks.reduce((a, b) => a.height < b.height ? a : b);
        player.selectVariantTrack(low, true); return low.height; }"""
    )
    until(lambda: state(page)["height"] == lowest, 15, "the lowest rendition on screen")
    at = state(page)["at"]
    until(lambda: state(page)["at"] > at + 0.5 or state(page)["ended"], 15, "playing after the change")
    assert state(page)["error"] is None


def test_captions_are_shown(page: Page, site: str, film: str) -> None:
    watch(page, site, film, "dash")
    page.evaluate("(() => { const p = window.marquee.player; p.selectTextTrack(p.getTextTracks()[0]); })()")
    words = "Words for whoever cannot hear."
    until(lambda: words in page.inner_text("body"), 15, "the caption on the page")


def test_keys_and_segments_are_there_before_the_click(page: Page, platform: Platform, film: str) -> None:
    page.goto(f"http://localhost:{platform.settings.port_api}/title/{film}")
    button = page.get_by_role("link", name=re.compile("Play|From the start")).last
    with page.expect_response("**/v1/licences/**") as licence, page.expect_response("**/m/**"):
        button.hover()
    assert licence.value.ok
    licences: list[str] = []
    page.on("request", lambda asked: licences.append(asked.url) if "/v1/licences/" in asked.url else None)
    button.click()
    until(lambda: page.evaluate("!!window.marquee && window.marquee.video.currentTime > 0.5"), 30, "playing")
    assert licences == []
    names = page.evaluate("window.marquee.events.map(({ name }) => name)")
    assert names[0] == "viewstart"
    assert names.index("manifestloaded") < names.index("firstframe")


@pytest.mark.parametrize("kind", ["dash", "hls"])
def test_with_the_key_withheld_nothing_decodes(page: Page, site: str, film: str, kind: str) -> None:
    page.route("**/v1/licences/**", lambda route: route.fulfill(status=403, body="{}"))
    with page.expect_request("**/v1/licences/**"):
        page.goto(f"{site}/watch/{film}?manifest={kind}&restart")
    page.get_by_role("alert").wait_for(timeout=30_000)
    assert page.evaluate("window.marquee?.video.getVideoPlaybackQuality().totalVideoFrames || 0") == 0


def test_events_of_a_playback_arrive_once_and_in_order(page: Page, platform: Platform, site: str, film: str) -> None:
    watch(page, site, film, "dash")
    until(lambda: state(page)["ended"], 60, "the end")
    page.goto("about:blank")
    ((session_id,),) = platform.rows("select id from playback_sessions order by id desc limit 1")

    def logged() -> list[tuple[int, str]]:
        return sorted((row["seq"], row["name"]) for row in platform.events() if row["session_id"] == session_id)

    until(lambda: (rows := logged()) and rows[-1][1] == "viewend", 20, "the last event")
    seqs, names = zip(*logged(), strict=True)
    assert list(seqs) == list(range(len(seqs)))
    assert names[0] == "viewstart"
    assert names.index("firstframe") < names.index("ended")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_catalogue_page_leads_to_the_title(
    browser: Browser, platform: Platform, site: str, film: str, width: int, height: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, ignore_https_errors=True)
    page = signed_in(context, platform, site)
    page.goto(f"{site}/")
    page.get_by_role("link", name="Film").first.wait_for(timeout=15_000)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto(f"{site}/title/{film}")
    page.get_by_role("heading", name="Film").first.wait_for(timeout=15_000)
    context.close()
