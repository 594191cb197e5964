"""Customers: created, changed and deleted; their balance and the card they pay with."""

import re

from api.billing_sandbox import ids, store, wire
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

ADDRESS: wire.Schema = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), wire.text)
SHARED: wire.Schema = {
    "address": ADDRESS,
    "email": wire.text,
    "name": wire.text,
    "description": wire.text,
    "phone": wire.text,
    "preferred_locales": [wire.text],
    "metadata": wire.metadata,
    "invoice_settings": {"default_payment_method": wire.text},
}
CREATE: wire.Schema = {**SHARED, "test_clock": wire.text}
UPDATE: wire.Schema = {**SHARED, "balance": wire.whole}


def create(work: Work, params: Doc) -> Doc:
    """A customer with a time of their own, or that of a test clock."""
    customer = work.add("cus", {**_new(), "test_clock": params.get("test_clock")}, 14)
    frozen = None
    if clock := params.get("test_clock"):
        frozen = customer["created"] = work.get("test_helpers.test_clock", clock, "test_clock")["frozen_time"]
    store.run(work.connection, "insert into customers (id, frozen_at) values (%s, %s)", customer["id"], frozen)
    work.customer_id, work.now = customer["id"], customer["created"]
    _set(customer, params)
    work.emit("customer.created", customer)
    return customer


def update(work: Work, id_: str, params: Doc) -> Doc:
    """What is known of a customer."""
    customer = work.enter(id_, "id")
    with work.changing(customer):
        _set(customer, params)
        customer["balance"] = params.get("balance", customer["balance"])
    return customer


def _new() -> Doc:
    settings: Doc = {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}
    return {
        "object": "customer",
        "address": None,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "email": None,
        "invoice_prefix": ids.new("x", 8)[2:].upper(),
        "invoice_settings": settings,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
    }


def _set(customer: Doc, params: Doc) -> None:
    names = ("email", "name", "description", "phone", "preferred_locales")
    customer.update({name: params[name] for name in names if name in params})
    if "address" in params:
        customer["address"] = set_address(customer["address"], params["address"])
    customer["metadata"] = wire.merged(customer["metadata"], params.get("metadata"))
    if card := (params.get("invoice_settings") or {}).get("default_payment_method"):
        customer["invoice_settings"]["default_payment_method"] = card


def set_address(old: Doc | None, given: Doc | None) -> Doc | None:
    """An address after an update. Raises Refused for a country that is no code of two letters."""
    if given is None:
        return None
    country = given.get("country")
    if country and not re.fullmatch("[A-Za-z]{2}", country):
        raise Refused(f"Country '{country}' is unknown.", code="country_code_invalid", param="address[country]")
    address = {**dict.fromkeys(ADDRESS), **(old or {}), **given}
    return address | {"country": address["country"] and address["country"].upper()}


def move_balance(work: Work, amount: int) -> None:
    """Add to what the customer owes; a negative balance is their credit."""
    if amount:
        with work.changing(work.customer) as customer:
            customer["balance"] += amount


def set_delinquent(work: Work, behind: bool) -> None:
    """Note whether the latest invoice is overdue."""
    with work.changing(work.customer) as customer:
        customer["delinquent"] = behind
