"""The plan's page in a real browser, with the provider's pages behind it: paid, changed, failed, lost, regained."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from marquee.contracts.members import Member, Role
from marquee.embedded.ports import free
from marquee.members import profiles, staff
from marquee.members.billing.stripe.client import client
from marquee.settings import settings
from tests.api.conftest import Publish
from tests.api.test_member_pages import ADA, PASSWORD, look, sign_in
from tests.plugin_billing import BillingSandbox
from tests.plugin_browser import OpenPage, serving


@pytest.fixture
def shop(catalogue: None, billing: BillingSandbox, site: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The sandbox's driver, behind the same site; its reports reach the API."""
    from api.billing_sandbox.main import create_app

    account_id = staff.create(ADA, PASSWORD, Role.MEMBER, by="test")
    profiles.create(Member(account_id, 0), [], territory="*", name="Ada", languages=["en"])
    port = free(1)[0]
    monkeypatch.setenv("MARQUEE_PORT_BILLING", str(port))
    settings.cache_clear()
    client.cache_clear()
    with serving(create_app(), port):
        yield f"http://localhost:{port}"
    client.cache_clear()


CARDS = {"A card that is declined"}


def drive(page: Page, shop: str, *buttons: str) -> None:
    """In another tab the sandbox's driver is told what happens; it waits until the API has heard of it."""
    driver = page.context.new_page()
    driver.goto(shop)
    driver.get_by_role("link", name=ADA).click()
    for button in buttons:
        if button in CARDS:
            driver.get_by_label("Card").select_option(label=button)
        with driver.expect_navigation():  # Chromium closes no page whose form is still on its way
            driver.get_by_role("button", name="Use this card" if button in CARDS else button).click()
    driver.close()


def until(page: Page, text: str) -> None:
    """Asks the provider, as the page does for who comes back from there."""
    page.goto("/plan?paid")
    expect(page.get_by_text(text)).to_be_visible()


def test_paid_changed_failed_lost_and_regained(open_page: OpenPage, shop: str, publish: Publish) -> None:
    made = publish()
    page = open_page()
    sign_in(page)
    page.goto("/plan")
    look(page, "plan-none")
    page.locator(".plan").filter(has_text="Basic").get_by_role("button", name="Subscribe").click()
    page.get_by_role("heading", name="Basic").wait_for()
    page.get_by_label("Promotion code").fill("WELCOME50")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_text("You have Basic.")).to_be_visible()
    look(page, "plan-paid")

    page.get_by_role("button", name="Change to Premium").click()
    expect(page.get_by_text("due now")).to_be_visible()
    look(page, "plan-change")
    page.get_by_role("button", name="Change the plan").click()
    expect(page.get_by_text("You have Premium.")).to_be_visible()

    page.get_by_role("button", name="End the plan").click()
    look(page, "plan-end")
    page.get_by_role("button", name="End it on").click()
    expect(page.get_by_text("nothing more is charged")).to_be_visible()
    look(page, "plan-ending")
    page.get_by_role("button", name="Keep the plan after all").click()
    expect(page.get_by_text("It renews on")).to_be_visible()

    drive(page, shop, "A card that is declined", "Renew now")
    until(page, "You can go on watching")
    look(page, "plan-past-due")
    drive(page, shop, "Let all retries fail")
    until(page, "Nothing plays until it is paid")
    look(page, "plan-unpaid")
    page.goto(f"/title/{made.title_id}")
    page.get_by_role("button", name="Ada").click()
    expect(page.get_by_text("has to be paid")).to_be_visible()
    look(page, "title-unpaid")

    page.goto("/plan")
    page.get_by_role("button", name="Pay now").click()
    page.get_by_label("A card that works", exact=True).check()
    page.get_by_role("button", name="Use this card").click()
    page.get_by_role("button", name="Pay").first.click()
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_text("You have Premium.")).to_be_visible()
    look(page, "plan-regained")
