"""The demo's members pay in the sandbox: one household plays, of another the payment failed."""

from collections.abc import Iterator

import pytest

from marquee.catalogue import accounts, subscriptions
from marquee.catalogue.database import begin
from marquee.demo import members
from marquee.embedded.ports import free
from marquee.members.billing.stripe.client import client
from marquee.settings import settings
from tests.plugin_billing import BillingSandbox
from tests.plugin_browser import serving


@pytest.fixture
def sandbox(catalogue: None, billing: BillingSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sandbox behind a real server."""
    from api.billing_sandbox.main import create_app

    port, nobody = free(2)
    monkeypatch.setenv("MARQUEE_PORT_BILLING", str(port))
    monkeypatch.setenv("MARQUEE_PORT_API", str(nobody))
    settings.cache_clear()
    client.cache_clear()
    with serving(create_app(), port):
        yield
    client.cache_clear()


def states() -> dict[str, tuple[str, str, str]]:
    found = {}
    with begin() as session:
        for member in members.MEMBERS:
            account = accounts.by_address(session, member.email)
            assert account is not None
            if row := subscriptions.get(session, account.id):
                found[member.email] = (row.plan, row.state, row.provider)
    return found


def test_they_pay_and_making_them_again_changes_nothing(sandbox: None) -> None:
    members.make(settings())
    made = states()
    assert made == {
        "family@example.org": ("premium", "active", "stripe"),
        "unpaid@example.org": ("standard", "unpaid", "stripe"),
    }
    members.make(settings())
    assert states() == made
