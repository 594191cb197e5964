"""Previews: what the next invoice would come to, worked out by doing it and forgetting it."""

from api.billing_sandbox import changes, invoices, renewals, wire
from api.billing_sandbox.catalogue import required
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.store import Doc
from api.billing_sandbox.subscriptions import item_of, new_period_line
from api.billing_sandbox.work import Work

CREATE: wire.Schema = {
    "customer": wire.text,
    "subscription": wire.text,
    "subscription_details": {
        "items": [changes.ITEM],
        "proration_behavior": changes.PRORATION,
        "proration_date": wire.natural,
        "cancel_at_period_end": wire.boolean,
    },
}


def create(work: Work, params: Doc) -> Doc:
    """The invoice that a change would make at once (always_invoice), else that of the next renewal.

    The work is not flushed, so nothing of it stays.
    """
    required(params, "subscription")
    subscription = work.enter_by("subscription", params["subscription"], "subscription")
    if params.get("customer") not in {None, work.customer_id}:
        raise Refused("The subscription is another customer's.", param="subscription")
    if subscription["ended_at"] is not None or subscription["status"] == "paused":
        message = "No upcoming invoices for customer: the subscription has ended or is paused"
        raise Refused(message, status=404, code="invoice_upcoming_none")
    asked = params.get("subscription_details") or {}
    reset = changes.apply_items(work, subscription, asked) if "items" in asked else False
    return _shown(_next(work, subscription, asked, reset))


def _next(work: Work, subscription: Doc, asked: Doc, reset: bool) -> Doc:
    if reset or asked.get("proration_behavior") == "always_invoice":
        period = [new_period_line(work, subscription)] if reset else []
        return invoices.draft(work, subscription, period, "subscription_update")
    if asked.get("cancel_at_period_end", subscription["cancel_at_period_end"]):
        raise Refused("No upcoming invoices for customer", status=404, code="invoice_upcoming_none")
    work.now = item_of(subscription)["current_period_end"]
    renewals.renew(work, subscription)
    return work.get("invoice", subscription["latest_invoice"])


def _shown(invoice: Doc) -> Doc:
    """As a preview: its id says that it is none, and it was never attempted."""
    preview = {**invoice, "id": invoice["id"].replace("in_", "upcoming_in_"), "billing_reason": "upcoming"}
    preview["lines"] = {**invoice["lines"], "data": [{**line, "invoice": None} for line in invoice["lines"]["data"]]}
    preview["ending_balance"] = min(0, invoice["total"] + invoice["starting_balance"])
    return preview
