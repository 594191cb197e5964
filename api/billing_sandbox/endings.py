"""Subscriptions end: cancelled at once, or with their customer."""

from api.billing_sandbox import collection, invoices, proration, standing, wire
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

CANCEL: wire.Schema = {
    "invoice_now": wire.boolean,
    "prorate": wire.boolean,
    "cancellation_details": {"comment": wire.text, "feedback": wire.text},
}


def cancel(work: Work, id_: str, params: Doc) -> Doc:
    """End it now. `prorate` credits the unused time, `invoice_now` invoices what waits."""
    subscription = work.enter_by("subscription", id_)
    if subscription["ended_at"] is not None:
        raise Refused(f"No such subscription: '{id_}'", status=404, code="resource_missing", param="id")
    if subscription["status"] == "incomplete":
        standing.expire(work, subscription)
        return subscription
    if params.get("prorate"):
        proration.credit_rest(work, subscription)
    if params.get("invoice_now") and work.all("invoiceitem", subscription=id_):
        collection.finalise_and_collect(work, invoices.draft(work, subscription, [], "subscription_update"))
    subscription["cancellation_details"].update(params.get("cancellation_details") or {})
    standing.end(work, subscription, "cancellation_requested")
    return subscription


def delete_customer(work: Work, id_: str) -> Doc:
    """Delete a customer: subscriptions end at once, open pages close. They can be retrieved as deleted."""
    customer = work.enter(id_, "id")
    for subscription in work.all("subscription"):
        if subscription["status"] == "incomplete":
            standing.expire(work, subscription)
        elif subscription["ended_at"] is None:
            standing.end(work, subscription, "cancellation_requested")
    for session in work.all("checkout.session", status="open"):
        with work.changing(session, "checkout.session.expired"):
            session.update(status="expired", url=None)
    work.emit("customer.deleted", customer)
    created = customer["created"]
    customer.clear()
    customer.update(id=id_, object="customer", deleted=True, _created=created)
    return customer
