"""A member's way, at a desktop and on a phone: account, message, plan, profile, film, and who plays where.

Everything is the real part: the mail that the catcher keeps, the sandbox's pages, the edges, the player.
"""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import MakeClip
from tests.e2e.conftest import Platform, until

pytestmark = pytest.mark.slow

PASSWORD = "lantern over quiet water"
WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}
SEEN_S = 13  # beyond what counts as starting up

Device = Callable[[], Page]


@pytest.fixture(params=WIDTHS)
def device(request: pytest.FixtureRequest, browser: Browser, platform: Platform) -> Iterator[Device]:
    """Each call is another device of the same kind."""
    width, height = WIDTHS[request.param]
    contexts = []

    def take() -> Page:
        site = f"http://localhost:{platform.settings.port_api}"
        context = browser.new_context(viewport={"width": width, "height": height}, base_url=site, locale="en-GB")
        contexts.append(context)
        return context.new_page()

    yield take
    for context in contexts:
        context.close()


def test_from_the_account_to_the_third_device(device: Device, long_film: str, request: pytest.FixtureRequest) -> None:
    email = f"{request.node.callspec.params['device']}@example.org"
    first = device()
    register(first, email)
    subscribe(first)
    first.goto("/profiles/new")
    first.get_by_label("Name", exact=True).fill("Ada")
    first.locator(".pick").first.wait_for()
    for pick in first.locator(".pick").all()[:3]:
        pick.click()
    first.get_by_role("button", name="Start watching").click()
    expect(first.get_by_role("link", name="Watching as Ada")).to_be_attached()
    play(first, long_film)
    until(lambda: at(first) > SEEN_S, 60, "some seconds were seen")
    first.goto("/")  # leaving stops it

    second = device()
    sign_in(second, email)
    watch_as_ada(second)
    play(second, long_film)
    until(lambda: at(second) > SEEN_S - 3, 60, "it goes on where it was left")
    second.evaluate("window.marquee.video.pause()")

    third = device()
    sign_in(third, email)
    watch_as_ada(third)
    third.goto(f"/watch/{long_film}")
    expect(third.get_by_role("heading", name="Playing on other devices")).to_be_visible(timeout=60_000)
    third.get_by_role("button", name="Stop and watch here").click()
    until(lambda: at(third) > SEEN_S - 3, 60, "the third device plays")
    expect(second.get_by_role("heading", name="Stopped from another device")).to_be_visible(timeout=90_000)


@pytest.fixture(scope="module")
def long_film(platform: Platform, make_clip: MakeClip) -> str:
    """The id of a title that goes on for long enough to be resumed."""
    platform.publish("long-film", make_clip("long.mp4", seconds=26, size="320x180", rate="24"))
    return str(platform.title("long-film")["title_id"])


def register(page: Page, email: str) -> None:
    page.goto("/register")
    page.get_by_label("E-mail address").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Open an account").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    mail = page.context.new_page()
    message = mail.get_by_role("link", name="Confirm your e-mail address").first
    until(lambda: mail.goto("/demo/mail") and message.count() and email in mail.inner_text("body"), 60, "the message")
    message.click()
    link = mail.locator("a", has_text="/verify#").first.inner_text()
    mail.close()
    page.goto(f"/verify#{urlsplit(link).fragment}")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_visible()
    sign_in(page, email)


def sign_in(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Who is watching?")).to_be_visible()


def subscribe(page: Page) -> None:
    page.goto("/plan")
    page.locator(".plan", has_text="Solo").get_by_role("button", name="Subscribe").click()
    page.get_by_role("heading", name="Solo").wait_for()
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_text("You have Solo.")).to_be_visible()


def watch_as_ada(page: Page) -> None:
    """Until it is so: a page that is left at once takes the choice with it."""
    page.get_by_role("button", name="Ada").click()
    expect(page.get_by_role("link", name="Watching as Ada")).to_be_attached()


def play(page: Page, film: str) -> None:
    page.goto(f"/title/{film}")
    page.get_by_role("link", name="Play").or_(page.get_by_role("link", name="Resume")).first.click()
    until(lambda: at(page) > 0, 60, "the first frame")


def at(page: Page) -> float:
    found: float = page.evaluate("window.marquee?.video.currentTime ?? 0")
    return found
