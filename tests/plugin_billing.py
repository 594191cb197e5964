"""The billing sandbox on a database of its own, within the test's process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from marquee.settings import settings

if TYPE_CHECKING:
    import stripe

    from api.billing_sandbox.outbox import Message
    from api.billing_sandbox.work import Work

TABLES = ("objects", "customers", "events", "idempotency_keys", "switches")


class BillingSandbox:
    """`client` is Stripe's own; the other methods do what people do on pages, and what time does."""

    def __init__(self, client: "stripe.StripeClient") -> None:
        self.client = client

    def perform(self, do: "Callable[[Work], Any]") -> Any:
        """Something within one transaction of the sandbox."""
        from api.billing_sandbox.work import perform

        return perform(do)

    def pay(self, session: str, card: str = "works", **more: str) -> str:
        """Pay on the checkout page: `complete` or `confirm`."""
        from api.billing_sandbox import paying

        return str(self.perform(lambda work: paying.pay(work, session, card, **more)))

    def confirm(self, session: str, agreed: bool = True) -> None:
        """Answer as the bank's page does."""
        from api.billing_sandbox import paying

        self.perform(lambda work: paying.confirm(work, session, agreed))

    def act(self, customer: str, action: str, value: str = "") -> None:
        """A button of the driver, by its name in api/billing_sandbox/actions.py."""
        from api.billing_sandbox import actions

        self.perform(lambda work: actions.act(work, customer, action, value))

    def take_events(self, customer: str = "") -> "list[Message]":
        """The webhooks that wait, signed; they count as delivered."""
        from api.billing_sandbox import outbox

        return outbox.take_events(customer)


@pytest.fixture(scope="session")
def _billing_database(postgres_url: str) -> str:
    """The server, with an empty database for the sandbox."""
    with psycopg.connect(f"{postgres_url}/postgres", autocommit=True) as connection:
        connection.execute("create database billing")
    return postgres_url


@pytest.fixture
def billing(_billing_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BillingSandbox]:
    """The sandbox with nothing but its seeds; nobody delivers webhooks, the test takes them."""
    from api.billing_sandbox import seeds, store, transport

    monkeypatch.setenv("MARQUEE_DATABASE_URL", _billing_database)
    if settings().home == Path("var").resolve():
        monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    store.make_tables()
    with store.begin() as connection:
        store.run(connection, f"truncate {', '.join(TABLES)}")
    seeds.prepare()
    yield BillingSandbox(transport.client())
    store.engine().dispose()
    monkeypatch.undo()
    settings.cache_clear()
