"""Random sequences of what people do and what time does; the laws of money hold after each."""

import random
from contextlib import suppress
from typing import Any

import pytest
import stripe

from api.billing_sandbox.errors import Refused
from tests.api.billing_sandbox.conftest import JANUARY_31, MakeMember, Member
from tests.api.billing_sandbox.test_money import assert_laws

DAY = 86_400
SEQUENCES, STEPS = 20, 10
ALIVE = ("active", "trialing", "past_due", "unpaid", "paused", "incomplete")
# From each state, what may be seen next: several steps may lie between two looks.
MAY_FOLLOW = {
    "incomplete": {"active", "incomplete_expired", "canceled", "past_due", "unpaid"},
    "trialing": {"active", "past_due", "unpaid", "canceled", "paused"},
    "active": {"past_due", "unpaid", "canceled"},
    "past_due": {"active", "unpaid", "canceled"},
    "unpaid": {"active", "past_due", "canceled"},
    "paused": {"active", "past_due", "unpaid", "canceled"},
}


def step(member: Member, chance: random.Random) -> None:
    """One thing that may happen; what is refused has changed nothing but what banks keep on record."""
    card = chance.choice(("works", "works", "works", "declines", "once", "confirm"))
    subscriptions = member.v1.subscriptions.list({"customer": member.id, "status": "all"}).data
    alive = [each for each in subscriptions if each.status in ALIVE]
    if not alive:
        member.subscribe(
            chance.choice(("basic", "standard")),
            card,
            promotion=chance.choice(("", "WELCOME50")),
            checkout={
                "automatic_tax": {"enabled": chance.random() < 0.5},
                "subscription_data": {"trial_period_days": 7} if chance.random() < 0.3 else {},
            },
        )
        return
    chance.choice(
        (
            lambda: member.advance(chance.randrange(1, 40 * DAY)),
            lambda: member.change(
                chance.choice(("basic", "standard", "year")),
                proration_behavior=chance.choice(("create_prorations", "always_invoice", "none")),
            ),
            lambda: member.act("card", card),
            lambda: member.v1.subscriptions.update(alive[0].id, {"cancel_at_period_end": chance.random() < 0.5}),
            lambda: member.act("cancel") if chance.random() < 0.3 else member.act("refund"),
            lambda: member.act(chance.choice(("resume", "pause", "retry", "end-trial", "confirm"))),
            lambda: member.v1.invoices.pay(member.invoices(status="open")[0].id),
        )
    )()


def assert_all_laws(member: Member) -> None:
    invoices = member.invoices()
    by_intent: dict[str, list[Any]] = {}
    for charge in member.charges():
        by_intent.setdefault(charge.payment_intent, []).append(charge)
    payments = {
        each.invoice: each for i in invoices for each in member.v1.invoice_payments.list({"invoice": i.id}).data
    }
    for invoice in invoices:
        assert_laws(invoice)
        paid = invoice.id in payments and by_intent.get(payments[invoice.id].payment.payment_intent, [])
        succeeded = [charge.amount for charge in paid or [] if charge.paid]
        assert succeeded == ([invoice.amount_due] if invoice.status == "paid" and invoice.amount_due else [])
    assert sum(c.amount for cs in by_intent.values() for c in cs if c.paid) == sum(i.amount_paid for i in invoices)


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_the_laws_hold_whatever_happens(make_member: MakeMember, seed: int) -> None:
    chance = random.Random(seed)
    member, before = make_member(JANUARY_31 + chance.randrange(400 * DAY)), {}
    for _ in range(STEPS):
        with suppress(Refused, stripe.StripeError, IndexError):
            step(member, chance)
        for each in member.v1.subscriptions.list({"customer": member.id, "status": "all"}).data:
            was = before.get(each.id, each.status)
            assert each.status == was or each.status in MAY_FOLLOW[was]
            before[each.id] = each.status
    assert_all_laws(member)
    balance = member.v1.customers.retrieve(member.id).balance
    assert balance <= 0
    assert len({message.id for message in member.billing.take_events(member.id)}) > STEPS // 2
