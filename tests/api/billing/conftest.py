"""A member who pays: the API before the catalogue, and the billing sandbox in the same process behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow, BillingNotice, MailRow
from marquee.members.billing import stripe as adapter
from marquee.members.billing import sync
from marquee.members.billing.stripe import prices, reading
from tests.households import Viewer, household
from tests.plugin_billing import BillingSandbox

REPORTS = "/v1/billing/webhooks"


@dataclass
class Payer:
    """A member and the sandbox's customer of the same account; what the sandbox reports is delivered by hand."""

    api: TestClient
    billing: BillingSandbox
    viewer: Viewer

    def call(self, method: str, path: str, **more: Any) -> Any:
        return self.api.request(method, f"/v1/account/subscription{path}", headers=self.viewer.headers, **more)

    def standing(self) -> dict[str, Any]:
        """What the API says of the plan."""
        answer = self.call("GET", "")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    @property
    def customer(self) -> str:
        with begin() as session:
            row = session.get(AccountRow, self.viewer.account_id)
            assert row is not None
            assert row.billing_customer is not None
            return row.billing_customer

    def check_out(self, plan: str = "basic") -> str:
        """The id of a checkout session."""
        answer = self.call("POST", "/checkout", json={"plan": plan})
        assert answer.status_code == 200, answer.text
        return urlsplit(answer.json()["url"]).path.rpartition("/")[2]

    def subscribe(self, plan: str = "basic", card: str = "works", **more: str) -> None:
        """Pay for a plan on the checkout page, and have it reported."""
        self.billing.pay(self.check_out(plan), card, **more)
        self.deliver()

    def act(self, action: str, value: str = "") -> None:
        """A button of the sandbox's driver; then everything is reported."""
        self.billing.act(self.customer, action, value)
        self.deliver()

    def deliver(self) -> None:
        """Deliver all reports, and do what the API's background does with them."""
        for message in self.billing.take_events(self.customer):
            self.post(message.payload, message.signature)
        read_all()

    def post(self, body: bytes, signature: str, status: int = 204) -> Any:
        answer = self.api.post(REPORTS, content=body, headers={"Stripe-Signature": signature})
        assert answer.status_code == status, answer.text
        return answer

    def mails(self) -> list[str]:
        """What the member was written, in order."""
        with begin() as session:
            found = session.query(MailRow).filter_by(account_id=self.viewer.account_id).order_by(MailRow.id)
            return [mail.kind for mail in found]


def read_all() -> None:
    """Read until nothing is noted; the API's own background does the same meanwhile."""
    while True:
        sync.read_due()
        with begin() as session:
            if session.scalar(select(func.count()).select_from(BillingNotice)) == 0:
                return


@pytest.fixture
def adapted(catalogue: None, billing: BillingSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The adapter speaks to the sandbox in this process instead of by a socket."""
    for module in (adapter, prices, reading):
        monkeypatch.setattr(module, "client", lambda: billing.client)
    for cached in (prices.plan_of_id, prices.tax_rate):
        cached.cache_clear()
    yield
    monkeypatch.undo()


@pytest.fixture
def payer(adapted: None, guest: TestClient, billing: BillingSandbox) -> Payer:
    """Somebody with a confirmed address and no plan."""
    return Payer(guest, billing, household(plan=None))
