"""The pages of members in a real browser: gate, PIN, plan, lists, history, and streams that are stopped."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from marquee.catalogue import accounts
from marquee.catalogue.database import begin
from marquee.contracts.members import Role
from marquee.members import staff
from tests.api.conftest import Publish
from tests.plugin_browser import OpenPage

ADA, PASSWORD = "ada@example.org", "lantern over quiet water"
RATINGS = ("all", "6", "12", "16", "18")


@pytest.fixture
def films(publish: Publish) -> list[str]:
    """Ten titles for every age."""
    return [
        publish(
            f"film-{n}",
            metadata={
                "texts": {"en": {"title": f"The Film of Number {n}", "synopsis": "A light at sea."}},
                "maturity_rating": RATINGS[n % 5],
                "genres": ["drama", "comedy"][n % 2 :],
            },
        ).title_id
        for n in range(10)
    ]


@pytest.fixture
def ada(catalogue: None) -> None:
    """An account whose address is confirmed, without profiles and plan."""
    staff.create(ADA, PASSWORD, Role.MEMBER, by="test")


STICKING_OUT = """[...document.querySelectorAll("main *")].filter((each) =>
    document.documentElement.scrollWidth > innerWidth && each.getBoundingClientRect().right > innerWidth
).map((each) => each.className || each.tagName)"""


def look(page: Page, name: str) -> None:
    """Nothing sticks out sideways; with SCREENSHOTS set, a picture is kept there."""
    assert page.evaluate(STICKING_OUT) == [], name
    if folder := os.environ.get("SCREENSHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.wait_for_timeout(400)
        page.screenshot(path=Path(folder) / f"{name}-{width}.png")


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(ADA)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Who is watching?")).to_be_visible()


def new_profile(page: Page, name: str, **more: str) -> None:
    page.goto("/profiles/new")
    page.get_by_label("Name", exact=True).fill(name)
    for label, value in more.items():
        page.get_by_label(label.replace("_", " ")).select_option(value)
    page.get_by_role("button", name="Start without picks").click()
    expect(page.get_by_role("link", name=f"Watching as {name}")).to_be_visible()


def test_a_guest_looks_signs_in_makes_a_profile_and_takes_a_plan(page: Page, films: list[str], ada: None) -> None:
    page.goto("/")
    expect(page.get_by_role("link", name="Open an account")).to_be_visible()
    look(page, "guest-home")
    page.goto(f"/title/{films[0]}")
    expect(page.get_by_text("Sign in to watch.")).to_be_visible()
    look(page, "guest-title")
    sign_in(page)
    look(page, "gate-empty")
    page.get_by_role("link", name="New profile").click()
    page.get_by_label("Name", exact=True).fill("Ada")
    page.locator(".avatar-choice").nth(2).click()
    page.locator(".pick").first.wait_for()
    for pick in page.locator(".pick").all()[:3]:
        pick.click()
    look(page, "new-profile")
    page.get_by_role("button", name="Start watching").click()
    expect(page.get_by_role("heading", name="New on Marquee")).to_be_visible()
    look(page, "home")
    page.goto(f"/title/{films[0]}")
    page.get_by_role("link", name="Choose a plan").click()
    expect(page.get_by_text("You have no plan yet.")).to_be_visible()
    look(page, "plan-none")
    page.locator(".plan", has_text="Basic").get_by_role("button", name="Try it").click()
    expect(page.get_by_text("You are trying Basic until")).to_be_visible()
    look(page, "plan-trial")
    page.goto(f"/title/{films[0]}")
    expect(page.get_by_role("link", name="Play")).to_be_visible()
    look(page, "title")


def test_who_watches_is_asked_with_a_pin_and_kids_stay_among_kids(page: Page, films: list[str], ada: None) -> None:
    sign_in(page)
    new_profile(page, "Ada")
    new_profile(page, "Tom", Age_limit="12")
    page.goto("/profiles")
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)  # Tom watches, and has a limit
    expect(page.get_by_role("link", name="New profile")).to_have_count(0)
    page.get_by_role("button", name="Ada").click()
    expect(page.get_by_role("link", name="Watching as Ada")).to_be_visible()
    page.goto("/profiles")
    page.get_by_role("link", name="Edit Ada").click()
    page.get_by_label("Set a PIN").fill("4711")
    look(page, "edit-profile")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Tom").click()
    expect(page.get_by_role("link", name="Watching as Tom")).to_be_visible()
    page.goto("/search?q=film")
    expect(page.locator(".grid .card")).to_have_count(6)  # for all, from 6, from 12; two of each
    page.goto(f"/title/{films[4]}")
    expect(page.get_by_role("heading", name="Not for this profile")).to_be_visible()
    look(page, "not-suitable")
    page.goto("/profiles")
    page.get_by_role("button", name="Ada").click()
    page.get_by_label("PIN of Ada").fill("1234")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("PIN is wrong")
    look(page, "gate-pin")
    page.get_by_label("PIN of Ada").fill("4711")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("link", name="Watching as Ada")).to_be_visible()


def test_who_watched_here_last_opens_the_page_and_who_watches_has_it(page: Page, films: list[str], ada: None) -> None:
    """Rows are asked for before the API has told who watches: what was meant for somebody else is not shown."""
    sign_in(page)
    new_profile(page, "Ada")
    ada_id = page.evaluate("localStorage.getItem('marquee.profile')")
    new_profile(page, "Kim", Age_limit="12")
    kim_id = page.evaluate("localStorage.getItem('marquee.profile')")
    assert kim_id != ada_id
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    for remembered in (kim_id, ada_id):
        page.evaluate("(last) => localStorage.setItem('marquee.profile', last)", remembered)
        asked.clear()
        page.goto("/")
        expect(page.get_by_role("link", name="Watching as Kim")).to_be_visible()
        expect(page.locator("main").get_by_role("link", name="The Film of Number 0").first).to_be_visible()
        expect(page.locator("main").get_by_text("The Film of Number 4")).to_have_count(0)  # from 18 on
        rows = [path for path in asked if path.endswith("/rows")]
        assert rows == list(dict.fromkeys([f"/v1/profiles/{n}/rows" for n in (remembered, kim_id)]))
        assert asked.index(rows[0]) < asked.index("/v1/titles")


def test_lists_thumbs_and_history(page: Page, films: list[str], ada: None) -> None:
    sign_in(page)
    new_profile(page, "Ada")
    with begin() as session:
        account = accounts.by_address(session, ADA)
        assert account is not None
    page.goto(f"/title/{films[3]}")
    page.get_by_role("button", name="My list").click()
    expect(page.get_by_role("button", name="My list")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Like", exact=True).click()
    expect(page.get_by_role("button", name="Like", exact=True)).to_have_attribute("aria-pressed", "true")
    look(page, "opinions")
    page.goto(f"/title/{films[9]}")
    page.get_by_role("button", name="Hide").click()
    expect(page.get_by_role("heading", name="My list")).to_be_visible()
    look(page, "my-list")
    page.goto("/history")
    expect(page.get_by_text("Nothing has been watched yet.")).to_be_visible()
    look(page, "history-empty")


def test_one_device_too_many_is_refused_and_takes_over(open_page: OpenPage, films: list[str], ada: None) -> None:
    first, second = open_page(), open_page()
    sign_in(first)
    new_profile(first, "Ada")
    first.goto("/plan")
    first.locator(".plan", has_text="Basic").get_by_role("button", name="Try it").click()
    expect(first.get_by_text("You are trying Basic until")).to_be_visible()
    sign_in(second)
    second.get_by_role("button", name="Ada").click()
    expect(second.get_by_role("link", name="Watching as Ada")).to_be_visible()
    with first.expect_response(lambda r: urlsplit(r.url).path == "/v1/playback-sessions") as opened:
        first.goto(f"/watch/{films[0]}")
    assert opened.value.status == 201
    second.goto(f"/watch/{films[1]}")
    expect(second.get_by_role("heading", name="Playing on other devices")).to_be_visible()
    expect(second.get_by_text("The Film of Number 0")).to_be_visible()
    look(second, "too-many-streams")
    with second.expect_response(lambda r: urlsplit(r.url).path == "/v1/playback-sessions") as taken:
        second.get_by_role("button", name="Stop and watch here").click()
    assert taken.value.status == 201
