"""Coupons, promotion codes, and the discounts they give a subscription."""

import re

from api.billing_sandbox import wire
from api.billing_sandbox.amounts import percentage
from api.billing_sandbox.catalogue import required
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.periods import add_months
from api.billing_sandbox.store import Doc, rows
from api.billing_sandbox.work import Work

COUPON: wire.Schema = {
    "id": wire.text,
    "name": wire.text,
    "percent_off": wire.decimal,
    "amount_off": wire.natural,
    "currency": wire.text,
    "duration": wire.one_of("forever", "once", "repeating"),
    "duration_in_months": wire.natural,
    "max_redemptions": wire.natural,
    "redeem_by": wire.natural,
    "metadata": wire.metadata,
}
CODE: wire.Schema = {
    "promotion": {"type": wire.one_of("coupon"), "coupon": wire.text},
    "code": wire.text,
    "active": wire.boolean,
    "expires_at": wire.natural,
    "max_redemptions": wire.natural,
    "metadata": wire.metadata,
}


def create_coupon(work: Work, params: Doc) -> Doc:
    """A coupon: percent_off, or amount_off with a currency; for one invoice, some months or ever."""
    if ("percent_off" in params) == ("amount_off" in params):
        raise Refused("Must pass exactly one of percent_off and amount_off.", param="percent_off")
    duration = params.get("duration", "once")
    if (duration == "repeating") != ("duration_in_months" in params):
        raise Refused("duration_in_months goes with duration=repeating.", param="duration_in_months")
    if "amount_off" in params:
        required(params, "currency")
    own = {"id": params["id"]} if params.get("id") else {}
    if own and work.find(own["id"]):
        raise Refused("Coupon already exists.", code="resource_already_exists", param="id")
    return work.add("co", coupon(params, duration) | own, 8)


def coupon(params: Doc, duration: str) -> Doc:
    """The coupon object."""
    percent = params.get("percent_off")
    names = ("amount_off", "currency", "duration_in_months", "max_redemptions", "name", "redeem_by")
    return {
        "object": "coupon",
        **{name: params.get(name) for name in names},
        "duration": duration,
        "metadata": wire.merged({}, params.get("metadata")),
        "percent_off": percent and float(percent),
        "times_redeemed": 0,
        "valid": True,
        "_percent": percent,
    }


def create_code(work: Work, params: Doc) -> Doc:
    """What people type to get a coupon."""
    required(params, "promotion")
    required(params["promotion"], "coupon")
    work.get("coupon", params["promotion"]["coupon"], "promotion[coupon]")
    made = work.add("promo", code(params))
    made["code"] = params.get("code") or made["id"][-8:].upper()
    if _named(work, made["code"]):
        raise Refused("An active promotion code with that code already exists.", param="code")
    return made


def code(params: Doc) -> Doc:
    """The promotion code object."""
    return {
        "object": "promotion_code",
        "active": params.get("active", True),
        "code": params.get("code"),
        "customer": None,
        "expires_at": params.get("expires_at"),
        "max_redemptions": params.get("max_redemptions"),
        "metadata": wire.merged({}, params.get("metadata")),
        "promotion": {"type": "coupon", "coupon": params["promotion"]["coupon"]},
        "restrictions": {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
        "times_redeemed": 0,
    }


def _named(work: Work, text: str) -> str | None:
    statement = """select id from objects where kind = 'promotion_code' and upper(body->>'code') = %s
        and (body->>'active')::boolean"""
    found = rows(work.connection, statement, text.upper())
    return found[0][0] if found else None


def redeemable(work: Work, text: str, currency: str) -> tuple[Doc, Doc]:
    """The promotion code that people call so, and its coupon. Raises Refused where it is not to be had."""
    id_ = _named(work, text.strip()) if re.fullmatch(r"[\w-]{1,80}", text.strip()) else None
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
