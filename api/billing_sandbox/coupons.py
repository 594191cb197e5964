"""Coupons, and the promotion codes by which people ask for them."""

from api.billing_sandbox import wire
from api.billing_sandbox.catalogue import required
from api.billing_sandbox.errors import Refused
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
    if named(work, made["code"]):
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


def named(work: Work, text: str) -> str | None:
    statement = """select id from objects where kind = 'promotion_code' and upper(body->>'code') = %s
        and (body->>'active')::boolean"""
    found = rows(work.connection, statement, text.upper())
    return found[0][0] if found else None
