"""Products and prices: what is sold, and for how much a month."""

import re
from typing import Any

from api.billing_sandbox import wire
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.store import Doc, rows
from api.billing_sandbox.work import Work

CURRENCY = re.compile("[a-z]{3}")
PRODUCT: wire.Schema = {
    "id": wire.text,
    "name": wire.text,
    "description": wire.text,
    "active": wire.boolean,
    "metadata": wire.metadata,
    "tax_code": wire.text,
}
PRICE: wire.Schema = {
    "product": wire.text,
    "currency": wire.text,
    "unit_amount": wire.natural,
    "recurring": {"interval": wire.one_of("day", "week", "month", "year"), "interval_count": wire.natural},
    "lookup_key": wire.text,
    "transfer_lookup_key": wire.boolean,
    "metadata": wire.metadata,
    "nickname": wire.text,
    "active": wire.boolean,
    "tax_behavior": wire.one_of("exclusive", "inclusive", "unspecified"),
}
PRODUCT_UPDATE = {name: PRODUCT[name] for name in ("name", "description", "active", "metadata")}
PRICE_UPDATE = {name: PRICE[name] for name in ("active", "lookup_key", "transfer_lookup_key", "metadata", "nickname")}


def required(params: Doc, *names: str) -> None:
    """Raises Refused for the first parameter that is missing."""
    for name in names:
        if params.get(name) in (None, "", []):
            raise Refused(f"Missing required param: {name}.", code="parameter_missing", param=name)


def create_product(work: Work, params: Doc) -> Doc:
    """A product; its id may be the caller's own."""
    required(params, "name")
    own = {"id": params["id"]} if params.get("id") else {}
    if own and work.find(own["id"]):
        raise Refused("Product already exists.", code="resource_already_exists", param="id")
    empty: Doc = {"default_price": None, "images": [], "marketing_features": [], "package_dimensions": None}
    more: Doc = {"shippable": None, "statement_descriptor": None, "type": "service", "unit_label": None, "url": None}
    named = {name: params.get(name) for name in ("name", "description", "tax_code")}
    metadata = wire.merged({}, params.get("metadata"))
    state = {"active": params.get("active", True), "metadata": metadata, "updated": work.now}
    return work.add("prod", {"object": "product", **empty, **more, **named, **state, **own}, 14)


def create_price(work: Work, params: Doc) -> Doc:
    """A price of a product for each period. A lookup key belongs to one price and can be transferred."""
    required(params, "currency", "product", "unit_amount", "recurring")
    if not CURRENCY.fullmatch(params["currency"].lower()):
        raise Refused(f"Invalid currency: {params['currency']}", param="currency")
    required(params["recurring"], "interval")
    work.get("product", params["product"], "product")
    if key := params.get("lookup_key"):
        _free_lookup_key(work, key, params.get("transfer_lookup_key", False))
    return work.add("price", _price(params))


def _price(params: Doc) -> Doc:
    recurring = {"interval": params["recurring"]["interval"]}
    recurring["interval_count"] = params["recurring"].get("interval_count") or 1
    return {
        "object": "price",
        "active": params.get("active", True),
        "billing_scheme": "per_unit",
        "currency": params["currency"].lower(),
        "custom_unit_amount": None,
        "lookup_key": params.get("lookup_key"),
        "metadata": wire.merged({}, params.get("metadata")),
        "nickname": params.get("nickname"),
        "product": params["product"],
        "recurring": {**recurring, "meter": None, "trial_period_days": None, "usage_type": "licensed"},
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": params["unit_amount"],
        "unit_amount_decimal": str(params["unit_amount"]),
    }


def _free_lookup_key(work: Work, key: str, transfer: bool) -> None:
    holder = rows(work.connection, "select id from objects where kind = 'price' and body->>'lookup_key' = %s", key)
    if holder and not transfer:
        raise Refused(f"A price (`{holder[0][0]}`) already uses that lookup key.", param="lookup_key")
    for (id_,) in holder:
        work.lock("price", id_)["lookup_key"] = None


def update_price(work: Work, id_: str, params: Doc) -> Doc:
    """Active, lookup key, metadata and name of a price; never its amount."""
    price = work.lock("price", id_)
    if key := params.get("lookup_key"):
        _free_lookup_key(work, key, params.get("transfer_lookup_key", False))
    price["metadata"] = wire.merged(price["metadata"], params.get("metadata"))
    price.update({name: params[name] for name in ("active", "lookup_key", "nickname") if name in params})
    return price


def update_product(work: Work, id_: str, params: Doc) -> Doc:
    """What a product is called, and whether it is sold."""
    product = work.lock("product", id_)
    product["metadata"] = wire.merged(product["metadata"], params.get("metadata"))
    named: dict[str, Any] = {name: params[name] for name in ("name", "description", "active") if name in params}
    product.update({**named, "updated": work.now})
    return product
