"""Every transition of a subscription, with the events that tell of it."""

import pytest
import stripe

from api.billing_sandbox.errors import Refused
from tests.api.billing_sandbox.conftest import Member

DAY = 86_400
HOUR = 3600
MONTH = 28 * DAY + HOUR  # from 31 January to the first renewal, and until its invoice is finalised


def test_a_card_that_works_makes_it_active(member: Member) -> None:
    subscription = member.subscribe()
    assert subscription.status == "active"
    (invoice,) = member.invoices(expand=["data.payments"])
    (charge,) = member.charges()
    assert (invoice.status, invoice.total, invoice.billing_reason) == ("paid", 799, "subscription_create")
    assert (charge.status, charge.amount) == ("succeeded", 799)
    (payment,) = invoice.payments.data
    assert (payment.status, payment.payment.payment_intent) == ("paid", charge.payment_intent)
    took = member.took()
    assert took[:2] == ["customer.created", "customer.subscription.created"]
    assert took[-1] == "checkout.session.completed"
    assert {"invoice.created", "invoice.finalized", "charge.succeeded", "invoice.paid"} < set(took)


def test_a_declined_card_leaves_the_page_open(member: Member) -> None:
    session = member.checkout()
    with pytest.raises(Refused, match="declined"):
        member.billing.pay(session.id, "declines")
    assert member.subscription().status == "incomplete"
    assert member.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert {"charge.failed", "invoice.payment_failed"} < set(member.took())
    assert member.billing.pay(session.id, "works") == "complete"
    assert (member.subscription().status, [charge.status for charge in member.charges()]) == (
        "active",
        ["succeeded", "failed"],
    )


def test_a_card_that_needs_the_bank_waits_for_it(member: Member) -> None:
    session = member.checkout()
    assert member.billing.pay(session.id, "confirm") == "confirm"
    assert member.subscription().status == "incomplete"
    assert "invoice.payment_action_required" in member.took()
    with pytest.raises(Refused, match="unable to authenticate"):
        member.billing.confirm(session.id, agreed=False)
    assert member.subscription().status == "incomplete"
    member.billing.pay(session.id, "confirm")
    member.billing.confirm(session.id)
    assert (member.subscription().status, len(member.charges())) == ("active", 1)
    member.advance(31 * DAY)
    assert [invoice.status for invoice in member.invoices()] == ["paid", "paid"]  # confirmed once, it pays by itself


def test_a_first_payment_that_never_comes(member: Member) -> None:
    session = member.checkout()
    with pytest.raises(Refused):
        member.billing.pay(session.id, "declines")
    member.took()
    member.advance(23 * HOUR)
    assert (member.subscription().status, member.invoices()[0].status) == ("incomplete_expired", "void")
    assert set(member.took()) >= {"invoice.voided", "customer.subscription.updated"}
    member.advance(HOUR)
    assert member.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert member.took() == ["checkout.session.expired"]
    with pytest.raises(Refused, match="expired"):
        member.billing.pay(session.id)


@pytest.mark.parametrize(("missing", "status"), [("pause", "paused"), ("cancel", "canceled"), (None, "past_due")])
def test_a_trial_that_ends_without_a_card(member: Member, missing: str | None, status: str) -> None:
    data: dict = {"trial_period_days": 30}
    if missing:
        data["trial_settings"] = {"end_behavior": {"missing_payment_method": missing}}
    session = member.checkout(subscription_data=data, payment_method_collection="if_required")
    from api.billing_sandbox import paying

    member.billing.perform(lambda work: paying.without_card(work, session.id))
    assert member.subscription().status == "trialing"
    member.took()
    member.advance(27 * DAY)
    assert member.took() == ["customer.subscription.trial_will_end"]
    member.advance(3 * DAY + HOUR)
    assert member.subscription().status == status
    told = {"paused": "customer.subscription.paused", "canceled": "customer.subscription.deleted"}
    assert told.get(status, "invoice.payment_failed") in member.took()
    if status == "paused":
        member.act("card", "works")
        resumed = member.v1.subscriptions.resume(member.subscription().id)
        assert resumed.status == "active"
        assert resumed["items"].data[0].current_period_start == member.now
        assert "customer.subscription.resumed" in member.took()


def test_a_paused_subscription_may_end(member: Member) -> None:
    member.subscribe(checkout={"subscription_data": {"trial_period_days": 30}})
    member.act("pause")
    member.v1.subscriptions.cancel(member.subscription().id)
    assert member.subscription().status == "canceled"


def test_a_resumption_that_is_not_paid_is_voided(member: Member) -> None:
    member.subscribe(checkout={"subscription_data": {"trial_period_days": 30}})
    member.act("pause")
    member.act("resume")
    assert (member.subscription().status, member.invoices()[0].status) == ("paused", "open")
    member.act("days", "1")
    assert (member.subscription().status, member.invoices()[0].status) == ("paused", "void")


def test_a_trial_becomes_paid(member: Member) -> None:
    subscription = member.subscribe(checkout={"subscription_data": {"trial_end": member.now + 10 * DAY}})
    assert (subscription.status, member.invoices()[0].total, member.charges()) == ("trialing", 0, [])
    member.advance(10 * DAY)
    assert (member.subscription().status, member.invoices()[0].status) == ("active", "draft")
    member.advance(HOUR)
    assert (member.invoices()[0].status, member.charges()[0].amount) == ("paid", 799)
    assert member.subscription().billing_cycle_anchor == subscription.trial_end


def test_a_trial_is_ended_now(member: Member) -> None:
    member.subscribe(checkout={"subscription_data": {"trial_period_days": 30}})
    ended = member.v1.subscriptions.update(member.subscription().id, {"trial_end": "now"})
    assert (ended.status, ended.trial_end, member.invoices()[0].status) == ("active", member.now, "paid")


def test_a_cancelled_trial_ends_with_it(member: Member) -> None:
    member.subscribe(checkout={"subscription_data": {"trial_period_days": 30}})
    member.v1.subscriptions.update(member.subscription().id, {"cancel_at_period_end": True})
    member.advance(30 * DAY)
    assert (member.subscription().status, member.charges()) == ("canceled", [])


@pytest.mark.parametrize("after", ["unpaid", "canceled"])
def test_retries_and_their_end(member: Member, after: str) -> None:
    from api.billing_sandbox import store

    with store.begin() as connection:
        store.set_switch(connection, "after_retries", after)
    member.subscribe(card="once")
    member.took()
    attempts = [MONTH, 1 * DAY, 3 * DAY, 5 * DAY]
    for number, seconds in enumerate(attempts):
        member.advance(seconds)
        assert member.subscription().status == (after if number == 3 else "past_due")
        assert member.invoices()[0].attempt_count == number + 1
        assert {"charge.failed", "invoice.payment_failed"} < set(member.took())
    assert member.invoices()[0].next_payment_attempt is None
    assert member.v1.customers.retrieve(member.id).delinquent is True
    if after == "canceled":
        assert member.subscription().cancellation_details.reason == "payment_failed"
        return
    member.advance(31 * DAY)
    assert [invoice.status for invoice in member.invoices()] == ["draft", "open", "paid"]
    member.act("card", "works")
    member.v1.invoices.pay(member.invoices()[0].id)
    assert member.subscription().status == "active"


def test_a_retry_that_works(member: Member) -> None:
    member.subscribe(card="once")
    member.advance(MONTH)
    assert member.subscription().status == "past_due"
    member.act("card", "works")
    member.act("retry")
    assert (member.subscription().status, member.invoices()[0].attempt_count) == ("active", 2)
    assert member.v1.customers.retrieve(member.id).delinquent is False


def test_a_past_due_invoice_is_paid_by_hand(member: Member) -> None:
    member.subscribe(card="once")
    member.advance(MONTH)
    with pytest.raises(stripe.CardError) as refused:
        member.v1.invoices.pay(member.invoices()[0].id)
    assert (refused.value.code, refused.value.http_status) == ("card_declined", 402)
    assert len(member.charges()) == 3  # what was tried stays on record
    member.act("card", "works")
    assert member.v1.invoices.pay(member.invoices()[0].id).status == "paid"
    assert member.subscription().status == "active"
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        member.v1.invoices.pay(member.invoices()[0].id)


def test_cancelled_at_the_periods_end_and_not(member: Member) -> None:
    subscription = member.subscribe()
    member.took()
    cancelled = member.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert (cancelled.cancel_at, cancelled.status) == (cancelled["items"].data[0].current_period_end, "active")
    kept = member.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    assert (kept.cancel_at, kept.canceled_at) == (None, None)
    assert member.took() == ["customer.subscription.updated"] * 2
    member.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    member.took()
    member.advance(31 * DAY)
    assert (member.subscription().status, len(member.invoices())) == ("canceled", 1)
    assert member.took() == ["customer.subscription.deleted"]


def test_cancelled_at_once(member: Member) -> None:
    subscription = member.subscribe()
    ended = member.v1.subscriptions.cancel(subscription.id, {"prorate": True, "invoice_now": True})
    assert (ended.status, ended.ended_at) == ("canceled", member.now)
    assert member.v1.customers.retrieve(member.id).balance == -799  # the second of payment: all of it is unused
    with pytest.raises(stripe.InvalidRequestError):
        member.v1.subscriptions.cancel(subscription.id)
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        member.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})


def test_a_customer_is_deleted(member: Member) -> None:
    subscription = member.subscribe()
    member.checkout()
    member.took()
    assert member.v1.customers.delete(member.id).deleted is True
    assert member.v1.customers.retrieve(member.id).to_dict() == {"id": member.id, "object": "customer", "deleted": True}
    assert member.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert member.took() == ["customer.subscription.deleted", "checkout.session.expired", "customer.deleted"]
    for call in (member.checkout, lambda: member.v1.customers.update(member.id, {"name": "x"})):
        with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
            call()


def test_a_payment_is_given_back_in_parts(member: Member) -> None:
    member.subscribe()
    (charge,) = member.charges()
    member.took()
    assert member.v1.refunds.create({"charge": charge.id, "amount": 99}).amount == 99
    assert (member.charges()[0].amount_refunded, member.charges()[0].refunded) == (99, False)
    with pytest.raises(stripe.InvalidRequestError, match="greater than"):
        member.v1.refunds.create({"charge": charge.id, "amount": 701})
    member.v1.refunds.create({"payment_intent": charge.payment_intent})
    assert member.charges()[0].refunded is True
    with pytest.raises(stripe.InvalidRequestError, match="already been refunded"):
        member.v1.refunds.create({"charge": charge.id})
    assert member.took() == ["charge.refunded"] * 2
    assert len(member.v1.charges.retrieve(charge.id, {"expand": ["refunds"]}).refunds.data) == 2
