"""Subscriptions: begun with a first invoice, and listed."""

from typing import Any

from api.billing_sandbox import collection, discounts, ids, invoices, lines, lists, standing, wire
from api.billing_sandbox.lists import listed
from api.billing_sandbox.periods import end_of
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

NULLS = (
    "application",
    "application_fee_percent",
    "billing_cycle_anchor_config",
    "billing_thresholds",
    "cancel_at",
    "canceled_at",
    "days_until_due",
    "default_source",
    "description",
    "ended_at",
    "latest_invoice",
    "next_pending_invoice_item_invoice",
    "on_behalf_of",
    "pause_collection",
    "pending_invoice_item_interval",
    "pending_setup_intent",
    "pending_update",
    "schedule",
    "status_details",
    "transfer_data",
)
LIST: wire.Schema = {
    **wire.PAGING,
    "customer": wire.text,
    "price": wire.text,
    "status": wire.one_of(
        "all", "ended", *standing.ENDED, "active", "incomplete", "past_due", "paused", "trialing", "unpaid"
    ),
    "created": wire.RANGE,
}


def begin(work: Work, price: Doc, quantity: int, card: Doc | None, trial_end: int | None, asked: Doc) -> Doc:
    """A subscription of the customer who was entered: trialing, or incomplete until its first invoice is paid.

    `asked` may have metadata, description, trial_settings, automatic_tax and the ids of discounts.
    """
    subscription = work.add("sub", _new(work, price, card, trial_end, asked))
    for id_ in asked.get("discounts", []):
        work.get("discount", id_)["subscription"] = subscription["id"]
    subscription["items"] = _items(work, subscription, price, quantity)
    work.customer["currency"] = price["currency"]
    work.emit("customer.subscription.created", subscription)
    line = lines.trial(work, subscription) if trial_end else new_period_line(work, subscription)
    invoice = invoices.draft(work, subscription, [line], "subscription_create")
    invoices.finalise(work, invoice)
    if not invoice["amount_due"]:
        collection.settle(work, invoice, 0)
    return subscription


def new_period_line(work: Work, subscription: Doc) -> Doc:
    """The line of a period that begins; notes which discounts hold for all of it, changes of plan included."""
    subscription["_period_discounts"] = [each["id"] for each in discounts.in_force(work, subscription)]
    return lines.period(work, subscription)


def _new(work: Work, price: Doc, card: Doc | None, trial_end: int | None, asked: Doc) -> Doc:
    tax = asked.get("automatic_tax", False)
    return {
        "object": "subscription",
        **dict.fromkeys(NULLS),
        "description": asked.get("description"),
        "automatic_tax": {"disabled_reason": None, "enabled": tax, "liability": {"type": "self"} if tax else None},
        "billing_cycle_anchor": trial_end or work.now,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
            "updated_at": work.now,
        },
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "currency": price["currency"],
        "customer": work.customer_id,
        "default_payment_method": card and card["id"],
        "default_tax_rates": [],
        "discounts": asked.get("discounts", []),
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "metadata": wire.merged({}, asked.get("metadata")),
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "start_date": work.now,
        "status": "trialing" if trial_end else "incomplete",
        "test_clock": work.customer["test_clock"],
        "trial_end": trial_end,
        "trial_settings": {"end_behavior": {"missing_payment_method": asked.get("missing", "create_invoice")}},
        "trial_start": work.now if trial_end else None,
        "_period_discounts": [],
    }


def _items(work: Work, subscription: Doc, price: Doc, quantity: int) -> Doc:
    end = subscription["trial_end"] or end_of(work.now, price["recurring"], work.now)
    item = {
        "id": ids.new("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": work.now,
        "current_period_end": end,
        "current_period_start": work.now,
        "discounts": [],
        "metadata": {},
        "quantity": quantity,
        "subscription": subscription["id"],
        "tax_rates": [],
    }
    set_price(item, price)
    return listed([item], f"/v1/subscription_items?subscription={subscription['id']}")


def set_price(item: Doc, price: Doc) -> None:
    """Put an item on a price; `plan` says the same in older words."""
    same = ("id", "active", "billing_scheme", "created", "currency", "livemode", "metadata", "nickname", "product")
    item["price"] = dict(price)
    item["plan"] = {
        "object": "plan",
        **{name: price[name] for name in same},
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "interval": price["recurring"]["interval"],
        "interval_count": price["recurring"]["interval_count"],
        "meter": None,
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def item_of(subscription: Doc) -> Doc:
    """The one item that a subscription has here."""
    item: Doc = subscription["items"]["data"][0]
    return item


def list_all(work: Work, params: Doc) -> Doc:
    """Subscriptions by customer, price, status and time; without a status those that have not ended."""
    status = params.get("status")
    extra: tuple[str, tuple[Any, ...]] = ("", ())
    if status in {None, "ended"}:
        extra = (f"and {'not' if status is None else ''} body->>'status' = any(%s)", (list(standing.ENDED),))
    filters: Doc = {"customer": params.get("customer"), "status": None if status in {None, "all", "ended"} else status}
    if params.get("price"):
        filters["items"] = {"data": [{"price": {"id": params["price"]}}]}
    return lists.page(work, "subscription", "/v1/subscriptions", params, filters, *extra)
