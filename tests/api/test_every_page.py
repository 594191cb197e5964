"""Every page in both languages and at two widths: WCAG 2.2 AA as far as axe-core can tell, nothing cut off, a title."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from marquee.catalogue import collections
from marquee.catalogue.database import begin
from marquee.contracts.collection import Collection
from tests.api.conftest import Publish
from tests.plugin_browser import OpenPage
from tests.viewers import Member, signed_in, watching

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AUDIT = """async (tags) => {
  const options = { runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: true } } };
  const { violations } = await axe.run(document, { ...options, resultTypes: ["violations"] });
  const told = (id) => ({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`;
  return violations.flatMap(({ id, nodes }) => nodes.map(told(id)));
}"""
SMALL = """() => [...document.querySelectorAll("a[href], button, select, textarea, input:not([type=hidden])")]
  .map((each) => each.closest("label") ?? each)
  .filter((each) => !each.disabled && each.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .filter((each) => getComputedStyle(each).display !== "inline")
  .filter((each) => { const { width, height } = each.getBoundingClientRect(); return width < 24 || height < 24; })
  .map((each) => each.outerHTML.slice(0, 120))"""
STICKING_OUT = """() => [...document.querySelectorAll("main *")].filter((each) =>
    document.documentElement.scrollWidth > innerWidth && each.getBoundingClientRect().right > innerWidth
  ).map((each) => each.className || each.tagName)"""
READY = "() => document.querySelector('h1') && !document.querySelector('main [aria-busy=true], main[aria-busy=true]')"
FOCUS = """async () => {
  await new Promise(requestAnimationFrame);
  await Promise.allSettled(document.getAnimations().map((each) => each.finished));
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const target = at.closest("label") ?? at;
  const drawn = [at, target, ...target.querySelectorAll("*")].some((each) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || / [2-9]px/.test(boxShadow);
  });
  const { left, right, top, bottom } = target.getBoundingClientRect();
  const shares = [0.1, 0.5, 0.9];
  const shown = shares.some((x) => shares.some((y) =>
    target.contains(document.elementFromPoint(left + x * (right - left), top + y * (bottom - top)))));
  return [drawn ? "" : "no focus to be seen", shown ? "" : "covered", at.outerHTML.slice(0, 140)];
}"""
LOCALES = pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwen"


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        pytest.skip("needs the web app's packages (make setup)")
    return AXE.read_text()


@pytest.fixture
def films(publish: Publish) -> list[str]:
    """Eight titles, two of them with all that a page may say of one, an episode, and a collection."""
    texts = {
        "en": {"title": "The Lantern", "synopsis": "A light at sea."},
        "de": {"title": f"Die {LONG}", "synopsis": "Ein Licht auf See. " * 20},
    }
    credits_ = [{"name": "Ada Beispiel", "role": "director"}, {"name": "Max", "role": "actor", "character": "Keeper"}]
    full = {"texts": texts, "credits": credits_, "countries": ["DE"], "genres": ["science-fiction", "documentary"]}
    made = [publish(f"film-{n}", metadata=full if n > 5 else None).title_id for n in range(8)]
    with begin() as session:
        words = {"en": {"name": "Lights"}, "de": {"name": LONG, "description": LONG}}
        collections.put(session, Collection(slug="lights", texts=words, titles=("film-7", "film-0")))
    episode = {"series": "the-long-coast", "season": 1, "number": 1}
    publish("coast-1", metadata={**full, "kind": "episode", "episode": episode})
    return made


class Auditor:
    """Looks at pages and keeps what is wrong with them."""

    def __init__(self, page: Page, axe: str, locale: str) -> None:
        self.page, self.axe, self.locale = page, axe, locale
        self.faults: list[str] = []

    def visit(self, name: str, path: str) -> None:
        self.page.goto(path)
        self.look(name)

    def look(self, name: str) -> None:
        """Look at the page as it is, once it is loaded."""
        page = self.page
        page.wait_for_function(READY)
        page.evaluate(self.axe)
        wrong = [*page.evaluate(AUDIT, RULES), *page.evaluate(SMALL), *page.evaluate(STICKING_OUT)]
        if page.evaluate("document.documentElement.lang") != self.locale[:2]:
            wrong.append("another language")
        if page.title() == "Marquee" and name not in {"home", "empty", "offline"}:
            wrong.append("no title")
        self.faults += [f"{name}: {each}" for each in wrong]
        keep(page, f"{name}-{self.locale[:2]}")


def keep(page: Page, name: str) -> None:
    """With SCREENSHOTS set, keep a picture there."""
    if folder := os.environ.get("SCREENSHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=Path(folder) / f"{name}-{width}.png")


@LOCALES
def test_pages_of_guests(open_page: OpenPage, films: list[str], axe: str, locale: str) -> None:
    audit = Auditor(open_page(locale), axe, locale)
    pages = {
        "guest-home": "/",
        "guest-title": f"/title/{films[7]}",
        "sign-in": "/sign-in",
        "refused-by-provider": "/sign-in?problem=provider-refused",
        "register": "/register",
        "forgotten": "/forgotten",
        "no-link": "/verify",
        "verify": "/verify#token",
        "reset": "/reset#token",
        "missing": "/nowhere",
        "no-such-title": "/title/1",
    }
    for name, path in pages.items():
        audit.visit(name.replace("guest-home", "home"), path)
    person = audit.page.request.get(f"/v1/titles/{films[7]}").json()["credits"][0]["person_id"]
    browsing = {
        "browse": "/browse",
        "search-empty": "/search",
        "series": "/series/the-long-coast",
        "person": f"/people/{person}",
        "collection": "/collections/lights",
        "top10": "/top10",
    }
    for name, path in browsing.items():
        audit.visit(name, path)
    audit.visit("suggestions", "/search")
    audit.page.get_by_role("combobox").press_sequentially("the")
    expect(audit.page.get_by_role("option").first).to_be_visible()
    audit.look("suggestions")
    audit.page.route("**/v1/search?*", lambda route: route.abort())
    audit.visit("failed", "/search?q=film")
    audit.page.route("**/v1/titles", lambda route: route.fulfill(json={"items": [], "next_cursor": None}))
    audit.visit("empty", "/")
    assert not audit.faults, "\n".join(audit.faults)


@LOCALES
def test_pages_of_members(open_page: OpenPage, films: list[str], axe: str, locale: str) -> None:
    page = open_page(locale)
    member = signed_in(page, pin="4711")
    audit = Auditor(page, axe, locale)
    audit.visit("gate", "/")
    page.get_by_role("button", name="Ada").click()
    audit.look("gate-pin")
    page.keyboard.type("4711\n")
    expect(page.locator(".who")).to_be_visible()
    token = member.ask("POST", f"/v1/profiles/{member.profile_id}/choice", {"pin": "4711"})["access_token"]
    member = Member(page, member.profile_id, token)
    member.watch(films[7], 200_000)
    member.ask("PATCH", f"/v1/profiles/{member.profile_id}/opinions/{films[6]}", {"listed": True})
    pages = {
        "home": "/",
        "search": "/search?q=a",
        "nothing-found": "/search?q=zzz",
        "genre": "/genres/documentary",
        "title": f"/title/{films[7]}",
        "account": "/account",
        "plan": "/plan",
        "history": "/history",
        "profiles": "/profiles",
        "new-profile": "/profiles/new",
        "watch-failed": f"/watch/{films[0]}",
        "edit-profile": f"/profiles/{member.profile_id}",
    }
    for name, path in pages.items():
        audit.visit(name, path)
    page.locator(".form-actions button").last.click()  # asks whether to delete the profile
    audit.look("delete-profile")
    assert not audit.faults, "\n".join(audit.faults)


def test_the_focus_is_seen_wherever_the_keyboard_goes(open_page: OpenPage, films: list[str]) -> None:
    page = open_page()
    page.emulate_media(reduced_motion="reduce")
    member = watching(page)
    faults = []
    for path in ("/", f"/profiles/{member.profile_id}"):
        page.goto(path)
        page.wait_for_function(READY)
        for key in ("Tab", "Shift+Tab"):  # backwards, what sticks to the top may cover what comes into view
            for _ in range(40):
                page.keyboard.press(key)
                if not (found := page.evaluate(FOCUS)):
                    break
                faults += [f"{path} {key}: {found}"] if found[0] or found[1] else []
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("open_page", ["phone"], indirect=True)
def test_the_keyboard_leads_through_the_gate_to_a_new_page(open_page: OpenPage, films: list[str]) -> None:
    page = open_page()
    signed_in(page, pin="4711")
    page.goto("/")
    expect(page.get_by_role("heading", name="Who is watching?")).to_be_visible()
    expect(page.get_by_role("button", name="Ada")).to_be_visible()
    tab_to(page, "Ada")
    page.keyboard.press("Enter")
    expect(page.get_by_label("PIN of Ada")).to_be_focused()
    page.keyboard.type("4711\n")
    card = page.get_by_role("link", name=re.compile("^The Lantern")).first
    expect(card).to_be_visible()
    card.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Play")).to_be_visible()
    expect(page.locator("main")).to_be_focused()  # the link is gone; the next Tab goes on from here
    tab_to(page, "Play", presses=3)


def tab_to(page: Page, name: str, presses: int = 12) -> None:
    """Press Tab until the control of that name has the focus."""
    for _ in range(presses):
        page.keyboard.press("Tab")
        if name in page.evaluate("document.activeElement.ariaLabel || document.activeElement.innerText || ''"):
            return
    raise AssertionError(f"{name!r} is not among the first {presses} stops")


@pytest.mark.parametrize("open_page", ["phone"], indirect=True)
def test_the_page_speaks_the_language_of_who_watches(open_page: OpenPage, films: list[str]) -> None:
    """Before the browser's: its words, the names of titles, and what the next page load begins with."""
    page = open_page("en-GB")
    watching(page, languages=["de", "en"])
    page.goto("/")
    expect(page.get_by_role("heading", name="Alle Titel")).to_be_visible()
    expect(page.get_by_role("heading", name="Neu bei Marquee")).to_have_count(1)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.goto(f"/title/{films[7]}")
    expect(page.get_by_role("heading", name=f"Die {LONG}")).to_be_visible()
    page.goto("/account")
    page.get_by_role("button", name="Abmelden", exact=True).last.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()  # a guest again: the browser's language
    page.get_by_role("button", name="Deutsch").click()
    for _ in range(2):
        expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
        page.reload()  # the choice is kept on the device
