"""A member's own copy in a real browser: asked for on the account's page, saved by the link, and every way it ends."""

import json
import re
import zipfile
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from marquee.contracts.members import Role
from marquee.members import staff
from marquee.members.exports import asking, upkeep
from marquee.personal import making
from tests.api.test_exports import time_passes
from tests.api.test_member_pages import ADA, PASSWORD, look, sign_in
from tests.plugin_browser import OpenPage
from tests.plugin_mail import Mailbox, text_of

READY = "Your data is ready"


@pytest.fixture
def ada(catalogue: None) -> None:
    staff.create(ADA, PASSWORD, Role.MEMBER, by="test")


def link(mailbox: Mailbox) -> str:
    found = re.search(r"https?://\S+#\S+", text_of(mailbox.to(ADA, READY)))
    assert found
    return found[0]


def ask(page: Page) -> None:
    page.goto("/account")
    page.get_by_role("button", name="Ask for a copy").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Ask for a copy").click()
    expect(page.get_by_text("Your copy is being made.")).to_be_visible()


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def open_link(page: Page, address: str) -> None:
    page.goto("about:blank")
    page.goto(address)


def test_from_the_account_to_the_archive(page: Page, mailbox: Mailbox, ada: None) -> None:
    sign_in(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.extend((request.url, request.headers.get("referer", ""))))
    page.goto("/account")
    expect(page.get_by_text("A copy of all that is kept of you")).to_be_visible()
    look(page, "data-none")
    ask(page)
    look(page, "data-making")
    assert making.make_due() == 1
    expect(page.get_by_text("Your copy is ready")).to_be_visible(timeout=15_000)  # the page looks by itself
    expect(page.get_by_role("button", name="Ask for a copy")).to_have_count(0)
    page.get_by_role("heading", name="Your data", exact=True).scroll_into_view_if_needed()
    look(page, "data-ready")
    address = link(mailbox)
    open_link(page, address)
    heading(page, READY)
    assert "#" not in page.url
    look(page, "link-ready")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the archive").click()
    heading(page, "The archive is being saved")
    look(page, "link-begun")
    assert re.fullmatch(r"marquee-\d{4}-\d\d-\d\d\.zip", saved.value.suggested_filename)
    with zipfile.ZipFile(saved.value.path()) as archive:
        (account,) = json.loads(archive.read("account/accounts.json"))
    assert account["email"] == ADA
    with page.expect_download():
        page.get_by_role("button", name="Begin again").click()
    open_link(page, address)
    page.get_by_role("button", name="Save the archive").click()
    heading(page, "This link was used")
    look(page, "link-used")
    page.get_by_role("button", name="Send another link").click()
    expect(page.get_by_text("A message with another link is on its way.")).to_be_visible()
    open_link(page, link(mailbox))
    with page.expect_download():
        page.get_by_role("button", name="Save the archive").click()
    token = address.partition("#")[2]
    assert len(asked) > 20
    assert not any(token in where or "ticket=" in where for where in asked if "#" not in where)


def test_whose_copy_is_not_to_be_had_is_told_why(open_page: OpenPage, mailbox: Mailbox, ada: None) -> None:
    page = open_page()
    sign_in(page)
    ask(page)
    assert making.make_due() == 1
    address = link(mailbox)

    guest = open_page()
    guest.goto(address)
    heading(guest, "Please sign in first")
    look(guest, "link-guest")

    staff.create("ben@example.org", PASSWORD, Role.MEMBER, by="test")
    ben = open_page(locale="de-DE")
    ben.goto("/sign-in")
    ben.get_by_label("E-Mail-Adresse").fill("ben@example.org")
    ben.get_by_label("Passwort", exact=True).fill(PASSWORD)
    ben.get_by_role("button", name="Anmelden", exact=True).click()
    expect(ben.get_by_role("heading", name="Wer schaut?")).to_be_visible()
    ben.goto(address)
    ben.get_by_role("button", name="Archiv speichern").click()
    heading(ben, "Dieser Link ist für ein anderes Konto")
    look(ben, "link-of-another")

    time_passes(asking.PAUSE)
    ask(page)
    open_link(page, address)
    page.get_by_role("button", name="Save the archive").click()
    heading(page, "Your copy is being made")
    look(page, "link-making")
    assert making.make_due() == 1
    time_passes(upkeep.LIFETIME + timedelta(minutes=1))
    open_link(page, link(mailbox))
    page.get_by_role("button", name="Save the archive").click()
    heading(page, "This copy is not there any more")
    look(page, "link-expired")
    page.get_by_role("link", name="Account").last.click()
    expect(page.get_by_text("Your last copy has been deleted.")).to_be_visible()
    expect(page.get_by_role("button", name="Ask for a copy")).to_be_visible()
