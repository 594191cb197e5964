"""The pages of accounts in a real browser, at the widths of a desktop and of a phone, with the messages they send."""

import re
import time

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.plugin_mail import Mailbox, text_of

ADA, PASSWORD, OTHER = "ada@example.org", "lantern over quiet water", "seven kites above osaka"


def link(mailbox: Mailbox, address: str, subject: str) -> str:
    found = re.search(r"https?://\S+#\S+", text_of(mailbox.to(address, subject)))
    assert found
    return found[0]


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(ADA)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def registered(page: Page, mailbox: Mailbox) -> None:
    """An account that is opened and signed in to."""
    page.goto("/register")
    page.get_by_label("E-mail address").fill(ADA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open an account").click()
    mailbox.to(ADA)
    sign_in(page)
    to_account(page)


def to_account(page: Page) -> None:
    """From the question who is watching, which follows a sign-in."""
    expect(page.get_by_role("heading", name="Who is watching?")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()


def fits(page: Page) -> None:
    """Nothing sticks out sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_from_opening_an_account_to_a_second_factor_and_a_new_password(page: Page, mailbox: Mailbox) -> None:
    page.goto("/register")
    page.get_by_label("E-mail address").fill(ADA)
    page.get_by_label("Password").fill("password123")
    page.get_by_role("button", name="Open an account").click()
    expect(page.get_by_role("alert")).to_contain_text("easy to guess")
    fits(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open an account").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    verify = link(mailbox, ADA, "Confirm your e-mail")

    sign_in(page, OTHER)
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    to_account(page)
    expect(page.get_by_text("This address is not confirmed yet.")).to_be_visible()
    fits(page)

    page.goto(verify)
    assert "#" not in page.evaluate("location.href")  # the token stays in no history
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_visible()
    page.goto("/account")
    page.goto(verify)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("was used")

    page.goto("/account")  # loaded anew: the cookie alone signs in again
    expect(page.get_by_text("Confirmed", exact=True)).to_be_visible()
    stored = page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie")
    assert "eyJ" not in stored  # no token is where scripts can keep or read it

    page.get_by_role("button", name="Set up").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    secret = page.locator("code.key").inner_text()
    fits(page)
    app = pyotp.TOTP(secret)
    page.get_by_label("Code", exact=True).fill(app.at(time.time() - 30))
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".codes code")).to_have_count(10)
    recovery = page.locator(".codes code").all_inner_texts()
    page.get_by_role("button", name="I have them").click()
    expect(page.get_by_text("10 recovery codes are left")).to_be_visible()

    page.get_by_role("button", name="Sign out", exact=True).last.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page)
    page.get_by_label("Code of your authenticator").fill(recovery[0])
    page.get_by_role("button", name="Go on").click()
    to_account(page)
    expect(page.get_by_text("9 recovery codes are left")).to_be_visible()
    expect(page.get_by_text("Recovery code used")).to_be_visible()

    page.goto("/forgotten")
    page.get_by_label("E-mail address").fill(ADA)
    page.get_by_role("button", name="Send me a link").click()
    page.goto(link(mailbox, ADA, "Set a new password"))
    page.get_by_label("New password").fill(OTHER)
    page.get_by_role("button", name="Set a new password").click()
    expect(page.get_by_role("heading", name="Your password is set")).to_be_visible()
    page.goto("/account")  # all devices were signed out
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    fits(page)


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/reset#x"])
def test_fields_for_passwords_are_masked_and_take_what_is_pasted(page: Page, path: str) -> None:
    page.goto(path)
    field = page.locator("input[name=password]")
    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_attribute("autocomplete", "current-password" if path == "/sign-in" else "new-password")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", PASSWORD)
    field.focus()
    page.keyboard.press("ControlOrMeta+V")
    expect(field).to_have_value(PASSWORD)


def test_two_tabs_share_a_sign_in_and_neither_ends_it(page: Page, mailbox: Mailbox) -> None:
    registered(page, mailbox)
    tabs = [page, *(page.context.new_page() for _ in range(3))]
    for tab in tabs:
        tab.goto("/account", wait_until="commit")
    for tab in tabs:
        expect(tab.get_by_text(ADA)).to_be_visible()


def test_a_page_that_is_left_while_it_refreshes_ends_no_sign_in(page: Page, mailbox: Mailbox) -> None:
    registered(page, mailbox)
    for _ in range(6):
        with page.expect_request("**/v1/sign-in/refresh"):
            page.goto("/account", wait_until="commit")
    page.goto("/account")
    expect(page.get_by_text(ADA)).to_be_visible(timeout=10_000)


def test_a_link_without_its_token_says_so_and_german_is_spoken(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, locale="de-DE", viewport={"width": 390, "height": 844})
    page = context.new_page()
    for path in ("/verify", "/reset", "/confirm-address"):
        page.goto(path)
        expect(page.get_by_role("heading", name="Dieser Link ist unvollständig")).to_be_visible()
    page.goto("/verify#first")
    page.get_by_role("button", name="Bestätigen").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/verify#second")  # in the same tab: only what follows the # changes
    expect(page.get_by_role("alert")).not_to_be_visible()
    page.goto("/register")
    expect(page.get_by_role("button", name="Konto eröffnen")).to_be_visible()
    assert page.locator("section.sheet").get_attribute("lang") == "de"
    fits(page)
    context.close()
