"""The way from the home page to a film and back: by a television's remote control, by touch, without a connection."""

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from marquee.contracts.plan import DrmScheme
from tests.api.conftest import Publish
from tests.api.test_every_page import STICKING_OUT, keep
from tests.api.test_player_page import encode, stage
from tests.plugin_browser import OpenPage

REMOTE = "Mozilla/5.0 (Linux; Tizen 7.0; SMART-TV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0 Safari/537.36"
PICTURE = Path("web/public/icon-192.png").read_bytes()
MOST_SCRIPT = 90_000  # bytes of the first page, gzipped
WHERE = """(name) => {
  const named = (each) => (each.ariaLabel || each.innerText || each.placeholder || "").includes(name);
  const shown = [...document.querySelectorAll("a[href], button, input")].filter((each) => each.checkVisibility());
  const target = shown.find(named);
  const at = document.activeElement;
  if (!target || at === target) return target ? "there" : null;
  const [a, b] = [at, target].map((each) => each.getBoundingClientRect());
  if (b.top >= a.bottom - 2) return "ArrowDown";
  if (b.bottom <= a.top + 2) return "ArrowUp";
  return b.left > a.left ? "ArrowRight" : "ArrowLeft";
}"""
TELEVISION, PHONE = (pytest.mark.parametrize("open_page", [name], indirect=True) for name in ("television", "phone"))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DASH in the clear: half a minute of one colour, with captions."""
    return encode(tmp_path_factory.mktemp("film"), "color=size=64x36:duration=30", rate=4)


@pytest.fixture
def coast(publish: Publish) -> None:
    """A series of two seasons, and films beside it."""
    plain = {"scheme": DrmScheme.NONE, "release": {"duration_s": 30, "marks": {}}}
    for n in range(4):
        publish(f"film-{n}", metadata={"texts": {"en": {"title": f"Film {n}"}}}, **plain)
    for n in range(4):
        place = {"series": "the-coast", "season": 1 + n // 2, "number": 1 + n % 2}
        texts = {"en": {"title": f"Coast {n}"}}
        publish(f"coast-{n}", metadata={"kind": "episode", "episode": place, "texts": texts}, **plain)


def arrows_to(page: Page, name: str, presses: int = 30) -> None:
    """Press the arrow that points there until the control of that name has the focus."""
    page.wait_for_function(f"(name) => ({WHERE})(name) !== null", arg=name)
    for _ in range(presses):
        if (key := page.evaluate(WHERE, name)) == "there":
            return
        page.keyboard.press(key)
    raise AssertionError(
        f"{name!r} is not reached; the focus is on {page.evaluate('document.activeElement.outerHTML')}"
    )


@TELEVISION
def test_four_arrows_and_a_back_key_lead_to_a_film_and_home(open_page: OpenPage, film: Path, coast: None) -> None:
    page = open_page(user_agent=REMOTE)
    stage(page, film)
    page.goto("/")
    expect(page.get_by_role("heading", name="All titles")).to_be_attached()
    keep(page, "television-home")
    arrows_to(page, "Film 1")
    arrows_to(page, "Search titles")
    page.keyboard.type("coas")
    expect(page.get_by_role("option", name=re.compile("^The Coast"))).to_be_visible()
    keep(page, "television-suggestions")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="“coas”")).to_be_visible()
    arrows_to(page, "Coast 1")
    page.keyboard.press("Enter")
    arrows_to(page, "All episodes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The Coast")).to_be_visible()
    arrows_to(page, "Coast 2")
    keep(page, "television-series")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Coast 2")).to_be_visible()
    arrows_to(page, "Play")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.marquee?.video.currentTime > 0.2")
    page.keyboard.press("Enter")  # pauses
    page.wait_for_function("() => window.marquee.video.paused")
    page.locator(".shaka-controls-container").wait_for(state="attached")  # made after the first frame
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('.shaka-controls-container') !== null")
    keep(page, "television-player")
    page.keyboard.press("Escape")  # from the controls to the player, and then back all the way
    expect(page.locator(".stage-player")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Play")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name=re.compile("^Coast 2"))).to_be_focused()
    for heading in ("Coast 1", "“coas”", "All titles"):
        page.keyboard.press("Escape")
        expect(page.get_by_role("heading", name=heading)).to_be_attached()


@PHONE
def test_touch_leads_to_a_film(open_page: OpenPage, film: Path, coast: None) -> None:
    page = open_page(has_touch=True, is_mobile=True)
    stage(page, film)
    page.goto("/")
    page.get_by_role("combobox").tap()
    page.keyboard.type("the coast")
    page.get_by_role("option", name=re.compile("^The Coast")).tap()
    expect(page.get_by_role("heading", name="The Coast")).to_be_visible()
    assert page.evaluate(STICKING_OUT) == []
    keep(page, "phone-series")
    page.get_by_role("link", name=re.compile("^Coast 3")).tap()
    page.get_by_role("link", name="Play").tap()
    page.wait_for_function("() => window.marquee?.video.currentTime > 0.2")


@PHONE
def test_without_a_connection_the_app_opens_and_says_so(open_page: OpenPage, coast: None) -> None:
    page = open_page(service_workers="allow")
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready.then(({ active }) => active.state)")
    page.context.set_offline(True)
    page.goto("/genres/drama")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    keep(page, "offline")
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Drama")).to_be_visible()


@PHONE
def test_typefaces_leave_the_link_to_the_first_picture(open_page: OpenPage, publish: Publish) -> None:
    """They come once it stands, and at once on a page that no picture opens."""
    publish(scheme=DrmScheme.NONE, release={"files": [{"path": "art/backdrop.jpg", "sha256": "0" * 64, "size": 1}]})
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition(".")[2]))
    page.route("**/art/backdrop.jpg", lambda route: route.fulfill(body=PICTURE, content_type="image/png"))
    with page.expect_request(re.compile(r"\.woff2$")):
        page.goto("/")
    assert "jpg" in asked[: asked.index("woff2")]
    with page.expect_request(re.compile(r"\.woff2$")):
        page.goto("/genres/drama")


def test_the_first_page_needs_little_script(web_app: Path) -> None:
    scripts = re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', (web_app / "index.html").read_text())
    assert scripts
    assert sum(len(gzip.compress((web_app / script).read_bytes())) for script in scripts) <= MOST_SCRIPT
