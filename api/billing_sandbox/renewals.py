"""Periods of subscriptions: trials end, periods follow each other, begin anew after a pause, or never begin."""

from api.billing_sandbox import cards, collection, invoices, standing, subscriptions, wire
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.periods import end_of
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

RESUME: wire.Schema = {"billing_cycle_anchor": {"type": wire.one_of("now")}}
RESUME_S = 23 * 3600  # docs.stripe.com/billing/subscriptions/pause: a resumption's invoice is voided after 23 hours


def tell_of_trial_end(work: Work, subscription: Doc) -> None:
    """Three days before it ends, or at once where the trial is shorter."""
    subscription["_told_of_trial_end"] = True
    work.emit("customer.subscription.trial_will_end", subscription)


def end_trial(work: Work, subscription: Doc) -> None:
    """The first period begins, unless the subscription was cancelled or nothing can pay for it."""
    if subscription["cancel_at_period_end"]:
        standing.end(work, subscription, "cancellation_requested")
        return
    missing = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if missing == "create_invoice" or cards.current(work, subscription):
        renew(work, subscription)
    elif missing == "pause":
        standing.pause(work, subscription, "trial_end_without_payment_method")
    else:
        standing.end(work, subscription, "cancellation_requested")


def renew(work: Work, subscription: Doc) -> None:
    """The next period begins where the last has ended; its invoice is a draft for an hour.

    An unpaid subscription gets invoices that stay drafts. One that was cancelled ends.
    """
    if subscription["cancel_at_period_end"]:
        standing.end(work, subscription, "cancellation_requested")
        return
    with work.changing(subscription):
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        _next_period(subscription)
        line = subscriptions.new_period_line(work, subscription)
        wait = subscription["status"] != "unpaid"
        invoices.draft(work, subscription, [line], "subscription_cycle", wait=wait)


def _next_period(subscription: Doc) -> None:
    item = subscriptions.item_of(subscription)
    start = item["current_period_end"]
    subscription["_previous_start"] = item["current_period_start"]
    end = end_of(subscription["billing_cycle_anchor"], item["price"]["recurring"], start)
    item.update(current_period_start=start, current_period_end=end)


def give_up_incomplete(work: Work, subscription: Doc) -> None:
    """Its first payment has not come for 23 hours."""
    standing.expire(work, subscription)


def resume(work: Work, id_: str, params: Doc) -> Doc:  # noqa: ARG001 - there is one way: a new period from now
    """Begin again after a pause: a new period from now, active once its invoice is paid, within 23 hours."""
    subscription = work.enter_by("subscription", id_)
    if subscription["status"] != "paused":
        message = f"Only paused subscriptions can be resumed; this one is {subscription['status']}."
        raise Refused(message, code="subscription_not_paused")
    for invoice in work.all("invoice", _subscription=id_, status="open"):
        invoices.void(work, invoice)
    with work.changing(subscription):
        subscription["billing_cycle_anchor"] = work.now
        item = subscriptions.item_of(subscription)
        end = end_of(work.now, item["price"]["recurring"], work.now)
        item.update(current_period_start=work.now, current_period_end=end)
    invoice = invoices.draft(
        work, subscription, [subscriptions.new_period_line(work, subscription)], "subscription_update"
    )
    invoice["_void_at"] = work.now + RESUME_S
    collection.finalise_and_collect(work, invoice)
    return subscription
