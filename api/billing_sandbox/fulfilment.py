"""A checkout session becomes a subscription: begun with the first attempt to pay, complete with the one that works."""

from api.billing_sandbox import customers, discounts, subscriptions
from api.billing_sandbox.periods import DAY_S
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work


def begin(work: Work, session: Doc, card: Doc | None, promotion_text: str) -> Doc:
    """The subscription that a session sells, made with the first attempt to pay."""
    price = work.get("price", session["_price"])
    data = session["_data"]
    behaviour = (data.get("trial_settings") or {}).get("end_behavior", {}).get("missing_payment_method")
    asked = {name: data.get(name) for name in ("metadata", "description")}
    asked |= {"automatic_tax": session["automatic_tax"]["enabled"]} | ({"missing": behaviour} if behaviour else {})
    if promotion_text.strip():
        promotion, _ = discounts.redeemable(work, promotion_text, session["currency"])
        discount = discounts.redeem(work, promotion, session["id"])
        asked["discounts"] = [discount["id"]]
        coupon = discount["source"]["coupon"]
        session["discounts"] = [{"coupon": coupon, "promotion_code": promotion["id"]}]
    subscription = subscriptions.begin(work, price, session["_quantity"], card, trial_end_now(work, session), asked)
    session.update(_subscription=subscription["id"])
    return subscription


def trial_end_now(work: Work, session: Doc) -> int | None:
    """When the trial of a session ends that is paid now; None where it has none."""
    days, end = session["_trial_days"], session["_trial_end"]
    if days:
        return work.now + int(days) * DAY_S
    return int(end) if end else None


def complete(work: Work, session: Doc, subscription: Doc) -> None:
    """The page is done; the caller hears of it."""
    invoice = work.get("invoice", subscription["latest_invoice"])
    tax = sum(part["amount"] for part in invoice["total_taxes"])
    off = sum(part["amount"] for part in invoice["total_discount_amounts"])
    customer = work.customer
    address = customer["address"] or dict.fromkeys(customers.ADDRESS)
    named = {name: customer[name] for name in ("email", "name", "phone", "tax_exempt")}
    if session["automatic_tax"]["enabled"]:
        session["automatic_tax"]["status"] = "complete"
    session.update(
        status="complete",
        url=None,
        subscription=subscription["id"],
        invoice=invoice["id"],
        payment_status="paid" if invoice["total"] else "no_payment_required",
        amount_subtotal=invoice["subtotal"],
        amount_total=invoice["total"],
        total_details={"amount_discount": off, "amount_shipping": 0, "amount_tax": tax},
        customer_details={"address": address, "tax_ids": [], **named},
    )
    work.emit("checkout.session.completed", session)
