"""Passkeys in a real browser with Chromium's virtual authenticator, and what is refused of them."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow, PasskeyRow
from marquee.contracts.members import Role
from marquee.members import staff
from tests.api.test_member_pages import look
from tests.households import household
from tests.plugin_browser import OpenPage
from tests.plugin_mail import Mailbox

ADA, PASSWORD = "ada@example.org", "lantern over quiet water"
WRONG = "/problems/wrong-passkey"


@pytest.fixture
def ada(catalogue: None) -> None:
    staff.create(ADA, PASSWORD, Role.MEMBER, by="test")


def authenticator(page: Page, *, verifies: bool = True) -> Callable[[str, dict[str, Any]], Any]:
    """A passkey device in the browser, whose owner says yes; the way to speak with it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": verifies, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return lambda method, more: session.send(f"WebAuthn.{method}", {"authenticatorId": made} | more)


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(ADA)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Who is watching?")).to_be_visible()


def add_passkey(page: Page) -> None:
    page.goto("/account")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(passkeys(page).get_by_role("button", name="Remove")).to_be_visible()


def panel(page: Page, name: str) -> Locator:
    return page.locator(".panel", has=page.get_by_role("heading", name=name))


def passkeys(page: Page) -> Locator:
    return panel(page, "Passkeys")


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).last.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_is_added_used_alone_and_removed(page: Page, ada: None, mailbox: Mailbox) -> None:
    device = authenticator(page)
    sign_in(page)
    add_passkey(page)
    look(page, "passkeys")
    (kept,) = device("getCredentials", {})["credentials"]
    assert kept["isResidentCredential"]
    sign_out(page)
    look(page, "sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Who is watching?")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_text("Passkey added")).to_be_visible()
    passkeys(page).get_by_role("button", name="Remove").click()
    page.get_by_label("Your password").fill(PASSWORD)
    passkeys(page).get_by_role("button", name="Remove").click()
    expect(passkeys(page).get_by_role("listitem")).to_have_count(0)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("not known here")
    for told in ("A passkey was added", "A passkey was removed"):
        mailbox.to(ADA, told)


def test_who_does_not_show_to_be_the_owner_is_not_let_in(page: Page, ada: None) -> None:
    device = authenticator(page)
    sign_in(page)
    add_passkey(page)
    sign_out(page)
    device("setUserVerified", {"isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")


def test_an_answer_opens_once_and_only_what_it_was_made_for(open_page: OpenPage, site: str, ada: None) -> None:
    page = open_page()
    authenticator(page)
    sign_in(page)
    add_passkey(page)
    sign_out(page)
    with page.expect_request("**/v1/sign-in/passkey") as asked:
        page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Who is watching?")).to_be_visible()
    sent: dict[str, Any] = json.loads(asked.value.post_data or "")
    with httpx.Client(base_url=site) as client:

        def refused(**changed: Any) -> None:
            answer = client.post("/v1/sign-in/passkey", json=sent | changed)
            assert (answer.status_code, answer.json()["type"]) == (401, WRONG), answer.text

        forget_uses()
        refused()  # a second time
        fresh = client.post("/v1/sign-in/passkey/options").json()["challenge"]
        refused(challenge=fresh)
        refused(challenge="nonsense")
        response = sent["credential"]["response"]
        refused(challenge=fresh, credential=sent["credential"] | {"response": response | {"userHandle": "AAAAAAAAAAE"}})
        for broken in (
            {},
            {"id": 7},
            {"id": "AA", "response": {}},
            {"id": "AA", "response": {"userHandle": "A" * 2000}},
        ):
            refused(challenge=fresh, credential=broken)
        login = client.post("/v1/sign-in", json={"email": ADA, "password": PASSWORD, "keep": "body"}).json()
        member = {"Authorization": f"Bearer {login['access_token']}"}
        # a sign-in's answer makes no passkey, and a challenge of signing in none either
        options = client.post("/v1/account/passkeys/options", json={"password": PASSWORD}, headers=member).json()
        for challenge in (options["challenge"], fresh):
            wanted = {"challenge": challenge, "credential": sent["credential"]}
            answer = client.post("/v1/account/passkeys", json=wanted, headers=member)
            assert (answer.status_code, answer.json()["type"]) == (401, WRONG)
        wrong = client.post("/v1/account/passkeys/options", json={"password": "another"}, headers=member)
        assert wrong.json()["type"] == "/problems/wrong-credentials"


def by_passkey(page: Page, name: str, button: str) -> Locator:
    """Open a form of the account's page and send it by passkey."""
    section = panel(page, name)
    section.get_by_role("button", name=button).click()
    expect(section.get_by_label("Your password")).to_have_count(0)
    if button == "Change address":
        section.get_by_label("New address").fill("countess@example.org")
    section.get_by_role("button", name="Confirm with a passkey").click()
    return section


def test_an_account_without_a_password_is_proven_by_its_passkey(page: Page, ada: None, mailbox: Mailbox) -> None:
    authenticator(page)
    sign_in(page)
    add_passkey(page)
    forget_password()
    page.goto("/account")
    by_passkey(page, "E-mail address", "Change address")
    mailbox.to(ADA, "change")
    section = by_passkey(page, "Delete the account", "Delete my account")
    section.get_by_role("button", name="Keep my account").click()
    expect(section.get_by_role("button", name="Delete my account")).to_be_visible()
    by_passkey(page, "Your data", "Ask for a copy")
    expect(panel(page, "Your data")).to_contain_text("being made")


def forget_password() -> None:
    with begin() as session:
        session.execute(update(AccountRow).where(AccountRow.email == ADA).values(password_hash=None))


def forget_uses() -> None:
    """Make passkeys such as are synced between devices, which do not count: a copy is not betrayed by its count."""
    with begin() as session:
        session.execute(update(PasskeyRow).values(sign_count=0))


def test_a_proof_is_its_accounts_works_once_and_makes_no_passkey(page: Page, site: str, ada: None) -> None:
    authenticator(page)
    sign_in(page)
    add_passkey(page)
    page.goto("/account")
    page.route("**/v1/account/deletion", lambda route: route.abort())  # what follows sends it
    with page.expect_request("**/v1/account/deletion") as asked:
        panel(page, "Delete the account").get_by_role("button", name="Delete my account").click()
        panel(page, "Delete the account").get_by_role("button", name="Confirm with a passkey").click()
    sent: dict[str, Any] = json.loads(asked.value.post_data or "")
    own = {"Authorization": asked.value.headers["authorization"]}
    with httpx.Client(base_url=site) as client:

        def refused(path: str, body: dict[str, Any], headers: dict[str, str]) -> None:
            answer = client.post(path, json=body, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (401, WRONG), answer.text

        forget_uses()
        refused("/v1/account/deletion", sent, household("mallory@example.org", name="Mallory").headers)
        refused("/v1/account/passkeys", sent["passkey"], own)  # an answer that was made to prove something
        refused("/v1/sign-in/passkey", sent["passkey"], {})
        for_signing_in = client.post("/v1/sign-in/passkey/options").json()["challenge"]
        refused("/v1/account/deletion", {"passkey": sent["passkey"] | {"challenge": for_signing_in}}, own)
        for broken in ({}, {"id": 7}, {"id": "AA"}):
            refused("/v1/account/deletion", {"passkey": sent["passkey"] | {"credential": broken}}, own)
        assert client.post("/v1/account/deletion", json=sent, headers=own).status_code == 202
        forget_uses()
        refused("/v1/account/deletion", sent, own)


def test_a_locked_account_is_told_so_after_its_passkey(page: Page, ada: None) -> None:
    authenticator(page)
    sign_in(page)
    add_passkey(page)
    sign_out(page)
    staff.lock(ADA, "a test", by="test")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("locked")
