"""The sandbox's pages in a real browser, at the widths of a desktop and of a phone."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from marquee.embedded.ports import free
from marquee.settings import settings
from tests.api.billing_sandbox.conftest import MakeMember, Member
from tests.plugin_billing import BillingSandbox
from tests.plugin_browser import WIDTHS, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Text that runs over the page's edge, and controls too small for a finger (WCAG 2.2, 2.5.8).
FAULTS = """() => [
    ...(document.documentElement.scrollWidth > innerWidth ? ['the page is wider than the window'] : []),
    ...[...document.querySelectorAll('button, select, input:not([type=hidden])')]
        .filter(e => e.getBoundingClientRect().height < (e.type === 'radio' ? 20 : 24)).map(e => e.outerHTML),
    ...[...document.querySelectorAll('button, select, input:not([type=hidden])')]
        .filter(e => !(e.innerText || e.ariaLabel || e.labels?.[0]?.innerText)).map(e => 'no name: ' + e.outerHTML),
]"""


@pytest.fixture
def site(billing: BillingSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the server, in a thread; its webhooks reach nobody."""
    from api.billing_sandbox.main import create_app

    port, nobody = free(2)
    monkeypatch.setenv("MARQUEE_PORT_BILLING", str(port))
    monkeypatch.setenv("MARQUEE_PORT_API", str(nobody))
    settings.cache_clear()
    with serving(create_app(), port):
        yield f"http://localhost:{port}"


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: "Browser", site: str) -> "Iterator[Page]":
    width, height = WIDTHS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=site)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("load", lambda: look(page, request.node.name))
    yield page
    context.close()


def look(page: "Page", name: str) -> None:
    """Keep a picture where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}-{time.monotonic_ns()}.png", full_page=True)


def assert_usable(page: "Page") -> None:
    assert page.get_by_text("Sandbox: no money moves").is_visible()
    assert page.evaluate(FAULTS) == []


def test_paying(page: "Page", make_member: MakeMember, site: str) -> None:
    member = make_member(country="")
    session = member.checkout(
        success_url=f"{site}/?customer={member.id}",
        automatic_tax={"enabled": True},
        customer_update={"address": "auto"},
        allow_promotion_codes=True,
    )
    page.goto(session.url.replace("127.0.0.1", "localhost"))
    assert_usable(page)
    page.get_by_label("Country").select_option("GB")
    page.get_by_label("Promotion code").fill("NONE")
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("alert").get_by_text("This code is invalid.").wait_for()
    page.get_by_label("Promotion code").fill("WELCOME50")
    page.get_by_label("A card that is declined").check()
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("alert").get_by_text("Your card was declined.").wait_for()
    assert_usable(page)
    page.get_by_label("A card that needs the bank's confirmation").check()
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("heading", name="Your bank asks").wait_for()
    assert_usable(page)
    page.get_by_role("button", name="Refuse").click()
    page.get_by_role("alert").get_by_text("unable to authenticate").wait_for()
    page.get_by_label("A card that needs the bank's confirmation").check()
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("active", exact=True).wait_for()
    assert (member.subscription().status, member.invoices()[0].total) == ("active", 399)
    assert member.invoices()[0].total_taxes[0].tax_rate_details.tax_rate == "txr_sandboxGBinclusive"


def test_the_portal(page: "Page", member: Member, site: str) -> None:
    member.subscribe(card="once", checkout={"automatic_tax": {"enabled": True}})
    member.act("renew")
    portal = member.v1.billing_portal.sessions.create({"customer": member.id, "return_url": f"{site}/?customer="})
    page.goto(portal.url)
    assert_usable(page)
    assert page.get_by_text("VAT DE 19 % (included)").count() == 2
    page.get_by_role("button", name="Pay 7.99 EUR").click()
    page.get_by_role("alert").get_by_text("insufficient funds").wait_for()
    page.get_by_label("A card that works", exact=True).check()
    page.get_by_role("button", name="Use this card").click()
    page.get_by_text("Visa that ends in 4242").wait_for()
    page.get_by_role("button", name="Pay 7.99 EUR").click()
    page.get_by_text("active", exact=True).wait_for()
    page.get_by_role("button", name="Cancel at the end of the period").click()
    page.get_by_role("button", name="Do not cancel").wait_for()
    assert member.subscription().cancel_at_period_end is True
    page.get_by_role("button", name="Do not cancel").click()
    page.get_by_role("button", name="Cancel at the end of the period").wait_for()
    page.get_by_role("link", name="Back").click()
    page.get_by_role("heading", name="Billing sandbox").wait_for()


def test_the_driver(page: "Page", member: Member) -> None:
    page.goto("/")
    assert_usable(page)
    member.subscribe(checkout={"subscription_data": {"trial_period_days": 7}})
    page.reload()
    steps = (
        ("End the trial", "active"),
        ("Renew now", "active"),
        ("Cancel at period end", "ends with the period"),
        ("Do not cancel", "active"),
        ("Refund the last payment", "active"),
    )
    for button, state in steps:
        page.get_by_role("button", name=button, exact=True).click()
        page.get_by_text(state, exact=state == "active").first.wait_for()
        assert_usable(page)
    page.get_by_label("Card").select_option("declines")
    page.get_by_role("button", name="Use this card").click()
    page.get_by_role("button", name="Renew now").click()
    page.get_by_text("past due", exact=True).wait_for()
    page.get_by_role("button", name="Next retry").click()
    page.get_by_role("button", name="Let all retries fail").click()
    page.locator("section").get_by_text("unpaid", exact=True).wait_for()
    page.get_by_role("button", name="Cancel now").click()
    page.get_by_text("canceled", exact=True).first.wait_for()
    page.get_by_role("button", name="Hold").click()
    page.get_by_text("Delivery: hold").wait_for()
    assert_usable(page)


def test_what_is_not_there(page: "Page", site: str) -> None:
    for path in ("/pay/cs_test_none", "/portal/bps_none", "/invoice/none", "/pay/cs_test_none/confirm"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 404
        page.get_by_role("heading", name="No such page").wait_for()
