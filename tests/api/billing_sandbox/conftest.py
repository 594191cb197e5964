"""A shop in the sandbox: two plans, and a customer who can be brought to any state."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.billing_sandbox.shapes import assert_shape
from tests.plugin_billing import BillingSandbox

JANUARY_31 = 1_801_388_700  # 2027-01-31 10:05:00 UTC


@dataclass
class Member:
    """A customer with a test clock. Every answer is held against the library's types."""

    billing: BillingSandbox
    prices: dict[str, str]
    clock: str
    now: int
    id: str

    @property
    def v1(self) -> Any:
        return self.billing.client.v1

    def subscribe(self, plan: str = "basic", card: str = "works", **more: Any) -> Any:
        """Through the checkout page; the subscription."""
        session = self.checkout(plan, **more.pop("checkout", {}))
        if self.billing.pay(session.id, card, **more) == "confirm":
            self.billing.confirm(session.id)
        return self.subscription()

    def checkout(self, plan: str = "basic", **more: Any) -> Any:
        """A checkout session."""
        items = [{"price": self.prices[plan], "quantity": 1}]
        urls = {"success_url": "http://localhost/done?id={CHECKOUT_SESSION_ID}", "cancel_url": "http://localhost/back"}
        return self.v1.checkout.sessions.create(
            {"mode": "subscription", "customer": self.id, "line_items": items, **urls, **more}
        )

    def subscription(self) -> Any:
        """The latest one."""
        return self.v1.subscriptions.list({"customer": self.id, "status": "all"}).data[0]

    def invoices(self, **more: Any) -> list[Any]:
        """All of them, the newest first."""
        return list(self.v1.invoices.list({"customer": self.id, "limit": 100, **more}).data)

    def charges(self) -> list[Any]:
        return list(self.v1.charges.list({"customer": self.id, "limit": 100}).data)

    def change(self, plan: str, **more: Any) -> Any:
        """To another plan."""
        subscription = self.subscription()
        items = [{"id": subscription["items"].data[0].id, "price": self.prices[plan]}]
        return self.v1.subscriptions.update(subscription.id, {"items": items, **more})

    def advance(self, seconds: int) -> None:
        """Let time go by."""
        self.now += seconds
        self.v1.test_helpers.test_clocks.advance(self.clock, {"frozen_time": self.now})

    def act(self, action: str, value: str = "") -> None:
        """A button of the driver."""
        self.billing.act(self.id, action, value)

    def took(self) -> list[str]:
        """The types of the events since the last time; each is held against the library's types."""
        from pydantic_core import from_json

        messages = self.billing.take_events(self.id)
        for message in messages:
            assert_shape(from_json(message.payload))
        return [message.type for message in messages]


MakeMember = Callable[..., Member]


@pytest.fixture
def prices(billing: BillingSandbox) -> dict[str, str]:
    """Ids of monthly prices: basic 7.99 and standard 12.99 EUR, and 890 yen; a yearly one; one with tax on top."""
    v1 = billing.client.v1
    kinds = {
        "basic": ("eur", 799, "month", "inclusive"),
        "standard": ("eur", 1299, "month", "inclusive"),
        "yen": ("jpy", 890, "month", "inclusive"),
        "year": ("eur", 7999, "year", "inclusive"),
        "net": ("eur", 1000, "month", "exclusive"),
    }
    found = {}
    for name, (currency, amount, interval, behaviour) in kinds.items():
        product = v1.products.create({"id": f"plan-{name}", "name": name.title(), "metadata": {"plan": name}})
        price = {"product": product.id, "currency": currency, "unit_amount": amount, "tax_behavior": behaviour}
        recurring: Any = {"interval": interval}
        found[name] = v1.prices.create({**price, "recurring": recurring, "lookup_key": name}).id  # type: ignore[typeddict-item]
    return found


@pytest.fixture
def make_member(billing: BillingSandbox, prices: dict[str, str]) -> MakeMember:
    """`make_member(now, country="DE")`."""

    def make(now: int = JANUARY_31, country: str = "DE") -> Member:
        v1 = billing.client.v1
        clock = v1.test_helpers.test_clocks.create({"frozen_time": now}).id
        address: Any = {"address": {"country": country}} if country else {}
        customer = v1.customers.create({"email": "ada@example.org", "test_clock": clock, **address})
        return Member(billing, prices, clock, now, customer.id)

    return make


@pytest.fixture
def member(make_member: MakeMember) -> Member:
    return make_member()


@pytest.fixture(autouse=True)
def _every_answer_has_its_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold each answer of the sandbox in this process against the library's types."""
    from pydantic_core import from_json

    from api.billing_sandbox import transport

    plain = transport.InProcess.request

    def checked(self: Any, *args: Any, **more: Any) -> Any:
        body, status, headers = plain(self, *args, **more)
        raw = from_json(body)
        if status == 200 and not raw.get("deleted"):
            assert_shape(raw)
        return body, status, headers

    monkeypatch.setattr(transport.InProcess, "request", checked)
