"""Random sequences of reports, shuffled, doubled and dropped, end in the provider's own state: 200 of each seed.

MARQUEE_TEST_SEEDS=5 makes it 1,000.

Random lives of customers are led in the sandbox, and what the adapter reads after each step is kept. Then each life is
told again and again: its steps pass, its real reports come in any order, twice or not at all, and now and then what is
due is read, which finds the provider as it was at that step. After the nightly reconciliation all must be as it is.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import stripe
from sqlalchemy import delete, select
from starlette.testclient import TestClient

from api.billing_sandbox.errors import Refused
from api.billing_sandbox.outbox import Message
from marquee.catalogue.database import begin
from marquee.catalogue.models import BillingNotice, InvoiceRow, MailRow, PaymentRow, SubscriptionChange, SubscriptionRow
from marquee.contracts.billing import CustomerRecord, Standing
from marquee.members.billing import provider, reconciliation, sync
from marquee.members.billing.stripe import Stripe
from marquee.settings import settings
from tests.api.billing.conftest import Payer
from tests.households import household
from tests.plugin_billing import BillingSandbox

LIVES, ROUNDS = 10, 20
SEEDS = range(int(os.environ.get("MARQUEE_TEST_SEEDS", "1")))
ACTIONS = (
    ("renew", ""), ("card", "works"), ("card", "declines"), ("retry", ""), ("fail-all", ""), ("cancel-at-end", "yes"),
    ("cancel-at-end", "no"), ("refund", ""), ("days", "9"), ("cancel", ""),
)  # fmt: skip
WEIGHTS = (4, 2, 2, 2, 1, 1, 1, 1, 2, 1)


@dataclass
class Life:
    """What the provider said of a customer after each step, and what it reported of the step."""

    account_id: int
    records: list[CustomerRecord] = field(default_factory=list)
    reports: list[list[Message]] = field(default_factory=list)
    step: int = 0

    @property
    def record(self) -> CustomerRecord:
        return self.records[self.step]


class Told(Stripe):
    """A provider that stands where each life has got to; reports are checked as ever."""

    def __init__(self, lives: list[Life]) -> None:
        self.lives = {life.records[0].customer_id: life for life in lives}

    def record(self, customer_id: str) -> CustomerRecord | None:
        return self.lives[customer_id].record

    def standings(self) -> Iterator[Standing]:
        return (standing for life in self.lives.values() for standing in life.record.standings)

    def changed_since(self, _: datetime) -> Iterator[str]:
        return iter(self.lives)


@pytest.mark.parametrize("seed", SEEDS)
def test_they_end_as_the_provider_has_it(
    adapted: None, guest: TestClient, billing: BillingSandbox, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    lives = [lived(Payer(guest, billing, household(plan=None)), rng) for _ in range(LIVES)]
    assert len({life.records[-1].current().state for life in lives}) >= 2  # type: ignore[union-attr]
    told = Told(lives)
    for module in (sync, reconciliation, provider):
        monkeypatch.setattr(module, "provider", lambda: told)
    before = 0
    for _ in range(ROUNDS):
        forget()
        for life in lives:
            tell(life, rng)
        before += sum(kept(life) == expected(life) for life in lives)
        reconciliation.reconcile()
        for life in lives:
            assert kept(life) == expected(life), life.record
        assert reconciliation.reconcile().different == 0
    assert before < LIVES * ROUNDS  # what was lost did make a difference


def lived(payer: Payer, rng: random.Random) -> Life:
    """A life of a subscription and some steps at random; those that cannot be taken as things stand are left out."""
    card = rng.choice(("works", "once"))
    payer.billing.pay(payer.check_out(rng.choice(("basic", "standard", "premium"))), card)
    life = Life(payer.viewer.account_id)
    note(payer, life)
    for action, value in rng.choices(ACTIONS, WEIGHTS, k=rng.randint(2, 6)):
        try:
            payer.billing.act(payer.customer, action, value)
        except Refused:
            continue
        note(payer, life)
    return life


def signed(payload: str) -> str:
    """As the provider signs when it delivers."""
    return stripe.WebhookSignature.generate_signature_header(payload, settings().secret("stripe_webhook_secret"))


def note(payer: Payer, life: Life) -> None:
    record = Stripe().record(payer.customer)
    assert record is not None
    life.records.append(record)
    life.reports.append(payer.billing.take_events(payer.customer))


def tell(life: Life, rng: random.Random) -> None:
    """Let the steps pass, and deliver at random."""
    waiting: list[Message] = []
    for step, reports in enumerate(life.reports):
        life.step = step
        waiting += [each for each in reports if rng.random() < 0.6]
        rng.shuffle(waiting)
        while waiting and rng.random() < 0.5:
            report = waiting[-1] if rng.random() < 0.2 else waiting.pop()  # one that stays comes again
            sync.reported(report.payload, signed(report.payload.decode()))
        if rng.random() < 0.4:
            sync.read_due()


def forget() -> None:
    """As if no report had ever come."""
    with begin() as session:
        for table in (SubscriptionRow, SubscriptionChange, InvoiceRow, PaymentRow, BillingNotice, MailRow):
            session.execute(delete(table))


def kept(life: Life) -> Any:
    with begin() as session:
        row = session.scalar(select(SubscriptionRow).where(SubscriptionRow.account_id == life.account_id))
        invoices = session.scalars(select(InvoiceRow).where(InvoiceRow.account_id == life.account_id)).all()
        payments = session.scalars(select(PaymentRow).where(PaymentRow.account_id == life.account_id)).all()
    return (
        row and (row.provider_id, row.plan, row.state, row.renews_at, row.cancels_at),
        {(each.invoice_id, each.state, each.total) for each in invoices},
        {(each.payment_id, each.status, each.amount) for each in payments},
    )


def expected(life: Life) -> Any:
    record = life.records[-1]
    now = record.current()
    assert now is not None
    return (
        (now.subscription_id, now.plan, now.state, now.renews_at, now.cancels_at),
        {(each.invoice_id, each.state, each.total) for each in record.invoices},
        {(each.payment_id, each.status, each.amount) for each in record.payments},
    )
