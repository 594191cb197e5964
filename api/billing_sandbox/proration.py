"""Proration: what a change of plan within a period is worth, by the second.

As docs.stripe.com/billing/subscriptions/prorations describes it: the unused part of the old plan is credited, the
remaining part of the new one charged. Stripe does not say how it rounds; here halves go away from zero, so a change
there and back at the same second cancels out. Discounts that hold for the period lower both parts alike, so no
credit is higher than what the period cost.
"""

from api.billing_sandbox import discounts, lines
from api.billing_sandbox.amounts import divide
from api.billing_sandbox.store import Doc
from api.billing_sandbox.subscriptions import item_of
from api.billing_sandbox.work import Work


def rest(work: Work, subscription: Doc, price: Doc, quantity: int, at: int) -> int:
    """What the rest of the present period costs on a price, from `at` on."""
    item = item_of(subscription)
    start, end = item["current_period_start"], item["current_period_end"]
    at = min(max(at, start), end)
    whole = price["unit_amount"] * quantity
    for id_ in subscription["_period_discounts"]:
        whole -= discounts.taken_off(discounts.coupon_of(work, work.get("discount", id_)), whole)
    return divide(whole * (end - at), end - start)


def wait_for_next_invoice(work: Work, subscription: Doc, price: Doc, amount: int, at: int) -> None:
    """Put a proration on the next invoice. What is worth nothing leaves no line."""
    if amount:
        line = lines.proration(work, subscription, price, amount, at, item_of(subscription)["current_period_end"])
        parts = {"customer": work.customer_id, "subscription": subscription["id"], "line": line}
        work.add("ii", {"object": "invoiceitem", **parts})


def credit_rest(work: Work, subscription: Doc, at: int | None = None) -> None:
    """Credit the unused time of the present period, where it was invoiced: not in a trial, and not before payment."""
    item = item_of(subscription)
    moment = work.now if at is None else at
    if subscription["status"] in {"active", "past_due"}:
        amount = rest(work, subscription, item["price"], item["quantity"], moment)
        wait_for_next_invoice(work, subscription, item["price"], -amount, moment)


def charge_rest(work: Work, subscription: Doc, at: int | None = None) -> None:
    """Charge the remaining time of the present period on the price that the subscription has now."""
    item = item_of(subscription)
    moment = work.now if at is None else at
    if subscription["status"] in {"active", "past_due"}:
        amount = rest(work, subscription, item["price"], item["quantity"], moment)
        wait_for_next_invoice(work, subscription, item["price"], amount, moment)
