"""Discounts: what a coupon takes off a subscription's invoices, and for how long."""

import re

from api.billing_sandbox import coupons
from api.billing_sandbox.amounts import percentage
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.periods import add_months
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work


def redeemable(work: Work, text: str, currency: str) -> tuple[Doc, Doc]:
    """The promotion code that people call so, and its coupon. Raises Refused where it is not to be had."""
    id_ = coupons.named(work, text.strip()) if re.fullmatch(r"[\w-]{1,80}", text.strip()) else None
    promotion = work.get("promotion_code", id_) if id_ else None
    given = work.get("coupon", promotion["promotion"]["coupon"]) if promotion else None
    if not promotion or not given or _spent(promotion, work.now) or _spent(given, work.now):
        raise Refused("This code is invalid.", code="promotion_code_invalid", param="promotion_code")
    if given["amount_off"] and given["currency"] != currency:
        raise Refused("This code is for another currency.", code="promotion_code_invalid", param="promotion_code")
    return promotion, given


def _spent(doc: Doc, now: int) -> bool:
    used_up = doc["max_redemptions"] is not None and doc["times_redeemed"] >= doc["max_redemptions"]
    end = doc.get("expires_at") or doc.get("redeem_by")
    return used_up or bool(end and end <= now)


def redeem(work: Work, promotion: Doc, session_id: str) -> Doc:
    """Make a code's coupon a discount of the customer."""
    promotion = work.lock("promotion_code", promotion["id"])
    given = work.lock("coupon", promotion["promotion"]["coupon"])
    if _spent(promotion, work.now) or _spent(given, work.now):
        raise Refused("This code is invalid.", code="promotion_code_invalid", param="promotion_code")
    promotion["times_redeemed"] += 1
    given["times_redeemed"] += 1
    end = add_months(work.now, given["duration_in_months"]) if given["duration"] == "repeating" else None
    nulls = dict.fromkeys(("invoice", "invoice_item", "subscription", "subscription_item"))
    return work.add(
        "di",
        {
            "object": "discount",
            "checkout_session": session_id,
            "customer": work.customer_id,
            "end": end,
            "promotion_code": promotion["id"],
            "source": {"coupon": given["id"], "type": "coupon"},
            "start": work.now,
            **nulls,
        },
    )


def taken_off(given: Doc, amount: int) -> int:
    """What a coupon takes off an amount of its currency."""
    if given["_percent"]:
        return percentage(amount, given["_percent"])
    return min(int(given["amount_off"]), max(0, amount))


def in_force(work: Work, subscription: Doc) -> list[Doc]:
    """The subscription's discounts that have not ended."""
    found = [work.get("discount", id_) for id_ in subscription["discounts"]]
    return [each for each in found if each["end"] is None or each["end"] > work.now]


def coupon_of(work: Work, discount: Doc) -> Doc:
    return work.get("coupon", discount["source"]["coupon"])


def use_up(work: Work, subscription: Doc, invoice: Doc) -> None:
    """A coupon for one invoice is gone with the first that it made cheaper; one for some months when those are over."""
    took = {part["discount"] for part in invoice["total_discount_amounts"] if part["amount"]}
    left = [
        each["id"]
        for each in in_force(work, subscription)
        if each["id"] not in took or coupon_of(work, each)["duration"] != "once"
    ]
    if left != subscription["discounts"]:
        with work.changing(subscription):
            subscription["discounts"] = left
