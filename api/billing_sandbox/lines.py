"""Lines of invoices: a period of a plan, a trial, and the parts of a change of plan."""

from api.billing_sandbox import ids
from api.billing_sandbox.amounts import money
from api.billing_sandbox.periods import day
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work


def period(work: Work, subscription: Doc) -> Doc:
    """The line for the subscription's present period."""
    item = subscription["items"]["data"][0]
    price, quantity = item["price"], item["quantity"]
    name = work.get("product", price["product"])["name"]
    text = f"{quantity} × {name} (at {money(price['unit_amount'], price['currency'])} / {_interval(price)})"
    amount = price["unit_amount"] * quantity
    return line(subscription, price, amount, text, item["current_period_start"], item["current_period_end"])


def trial(work: Work, subscription: Doc) -> Doc:
    """The line of a trial, for nothing."""
    item = subscription["items"]["data"][0]
    name = work.get("product", item["price"]["product"])["name"]
    start, end = subscription["trial_start"], subscription["trial_end"]
    return line(subscription, item["price"], 0, f"Trial period for {name}", start, end)


def proration(work: Work, subscription: Doc, price: Doc, amount: int, at: int, end: int) -> Doc:
    """The line for the rest of a period on a plan: a credit for unused time, or a charge for remaining time.

    A discount of the period is in the amount already (`proration_discounts: included`), so none applies again.
    """
    name = work.get("product", price["product"])["name"]
    kind = "Unused" if amount < 0 else "Remaining"
    made = line(subscription, price, amount, f"{kind} time on {name} after {day(at)}", at, end)
    made["parent"]["subscription_item_details"]["proration"] = True
    return made | {"discountable": False}


def line(subscription: Doc, price: Doc, amount: int, text: str, start: int, end: int) -> Doc:
    """A line item; discounts and taxes are worked out with the invoice's totals."""
    item = subscription["items"]["data"][0]
    parent = {
        "invoice_item": None,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": subscription["id"],
        "subscription_item": item["id"],
    }
    return {
        "id": ids.new("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": text,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": dict(subscription["metadata"]),
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": parent,
            "type": "subscription_item_details",
        },
        "period": {"end": end, "start": start},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "subtotal": amount,
        "taxes": [],
    }


def _interval(price: Doc) -> str:
    count, interval = price["recurring"]["interval_count"], price["recurring"]["interval"]
    return interval if count == 1 else f"{count} {interval}s"
