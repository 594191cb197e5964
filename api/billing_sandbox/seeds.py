"""What is there from the start: one promotion code, and the tax rates."""

from pydantic_core import to_json

from api.billing_sandbox import coupons, taxes
from api.billing_sandbox.store import Doc, begin, make_tables, run

PUT = """insert into objects (id, kind, customer, created, body) values (%s, %s, '', 0, %s)
    on conflict (id) do nothing"""
WELCOME = "WELCOME50"


def prepare() -> None:
    """Make tables and seeds, where they are missing."""
    make_tables()
    with begin() as connection:
        for doc in documents():
            run(connection, PUT, doc["id"], doc["object"], to_json(doc).decode())


def documents() -> list[Doc]:
    """WELCOME50 takes half off the first invoice; rates are within prices or on top."""
    base = {"created": 0, "livemode": False}
    coupon = coupons.coupon({"percent_off": "50", "name": "Half off the first month"}, "once")
    code = coupons.code({"promotion": {"coupon": "welcome50"}, "code": WELCOME})
    rates = [taxes.rate(country, behaviour) for country in taxes.RATES for behaviour in ("inclusive", "exclusive")]
    return [{"id": "welcome50", **base, **coupon}, {"id": "promo_welcome50", **base, **code}, *rates]
