"""How a subscription stands: the transitions between its states, and what is reported of each.

incomplete → active | incomplete_expired; trialing → active | paused | canceled; active → past_due | canceled;
past_due → active | unpaid | canceled; unpaid → active | canceled; paused → active | canceled.
"""

from api.billing_sandbox import invoices
from api.billing_sandbox.store import Doc, switch
from api.billing_sandbox.work import Work

ENDED = ("canceled", "incomplete_expired")


def paid(work: Work, subscription: Doc) -> None:
    """Its latest invoice is paid."""
    resumed = subscription["status"] == "paused"
    if subscription["status"] in {"incomplete", "past_due", "unpaid", "paused"}:
        with work.changing(subscription):
            subscription.update(status="active", status_details=None)
    if resumed:
        work.emit("customer.subscription.resumed", subscription)


def behind(work: Work, subscription: Doc) -> None:
    """An invoice was not paid, and is tried again."""
    with work.changing(subscription):
        subscription["status"] = "past_due"


def given_up(work: Work, subscription: Doc) -> None:
    """The last attempt has failed: unpaid or canceled, as the sandbox is set."""
    if switch(work.connection, "after_retries", "unpaid") == "canceled":
        end(work, subscription, "payment_failed")
        return
    invoices.leave_alone(work, subscription)
    with work.changing(subscription):
        subscription["status"] = "unpaid"


def pause(work: Work, subscription: Doc, reason: str) -> None:
    """Nothing is invoiced until it is resumed."""
    with work.changing(subscription):
        details = {"subscription": {"type": reason}, "transitioned_at": work.now, "type": "subscription"}
        subscription.update(status="paused", status_details={"paused": details})
    work.emit("customer.subscription.paused", subscription)


def end(work: Work, subscription: Doc, reason: str) -> None:
    """It is over, at once."""
    invoices.leave_alone(work, subscription)
    for each in work.all("invoiceitem", subscription=subscription["id"]):
        work.drop(each)
    subscription.update(status="canceled", ended_at=work.now, status_details=None)
    subscription["canceled_at"] = subscription["canceled_at"] or work.now
    subscription["cancellation_details"]["reason"] = subscription["cancellation_details"]["reason"] or reason
    work.emit("customer.subscription.deleted", subscription)


def expire(work: Work, subscription: Doc) -> None:
    """The first payment never came."""
    for invoice in work.all("invoice", _subscription=subscription["id"]):
        if invoice["status"] == "open":
            invoices.void(work, invoice)
    with work.changing(subscription):
        subscription.update(status="incomplete_expired", ended_at=work.now)
