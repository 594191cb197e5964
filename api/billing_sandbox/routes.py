"""The calls that are answered: method, path, parameters, and who answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.billing_sandbox import (
    catalogue,
    changes,
    checkout,
    coupons,
    customers,
    endings,
    lists,
    outbox,
    portal,
    previews,
    refunds,
    renewals,
    subscriptions,
    test_clocks,
    wire,
)
from api.billing_sandbox.errors import Refused, missing
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

NONE: wire.Schema = {}
CREATED: wire.Schema = {**wire.PAGING, "created": wire.RANGE}
BY_CUSTOMER: wire.Schema = {**CREATED, "customer": wire.text}


@dataclass(frozen=True)
class Route:
    """`handler(work, *ids of the path, params)`; what one that does not `write` does is forgotten."""

    method: str
    path: str
    handler: Callable[..., Doc]
    schema: wire.Schema
    write: bool = True


def reading(kind: str) -> Callable[[Work, str, Doc], Doc]:
    """Retrieves a document of a kind by id."""

    def read(work: Work, id_: str, _: Doc) -> Doc:
        doc = work.find(id_)
        if doc is None or doc["object"] != kind:
            raise missing(kind, id_)
        return doc

    return read


def listing(kind: str, url: str, *names: str) -> Callable[[Work, Doc], Doc]:
    """Lists documents of a kind, by the parameters of these names."""

    def list_(work: Work, params: Doc) -> Doc:
        filters = {name: params.get(name.removeprefix("_")) for name in names}
        if kind == "price" and params.get("lookup_keys"):
            extra = "and body->>'lookup_key' = any(%s)"
            return lists.page(work, kind, url, params, filters, extra, (params["lookup_keys"],))
        return lists.page(work, kind, url, params, filters)

    return list_


def _ids_only(handler: Callable[[Work, str], Doc]) -> Callable[[Work, str, Doc], Doc]:
    return lambda work, id_, _: handler(work, id_)


def _read(path: str, kind: str) -> Route:
    return Route("get", path, reading(kind), NONE, write=False)


def _list(path: str, kind: str, schema: wire.Schema, *names: str) -> Route:
    return Route("get", path, listing(kind, f"/v1/{path}", *names), schema, write=False)


ROUTES = (
    Route("post", "customers", customers.create, customers.CREATE),
    _list("customers", "customer", {**CREATED, "email": wire.text, "test_clock": wire.text}, "email", "test_clock"),
    _read("customers/*", "customer"),
    Route("post", "customers/*", customers.update, customers.UPDATE),
    Route("delete", "customers/*", _ids_only(endings.delete_customer), NONE),
    Route("post", "products", catalogue.create_product, catalogue.PRODUCT),
    _list("products", "product", {**CREATED, "active": wire.boolean}, "active"),
    _read("products/*", "product"),
    Route("post", "products/*", catalogue.update_product, catalogue.PRODUCT_UPDATE),
    Route("post", "prices", catalogue.create_price, catalogue.PRICE),
    _list(
        "prices",
        "price",
        {**CREATED, "active": wire.boolean, "product": wire.text, "currency": wire.text, "lookup_keys": [wire.text]},
        "active",
        "product",
        "currency",
    ),
    _read("prices/*", "price"),
    Route("post", "prices/*", catalogue.update_price, catalogue.PRICE_UPDATE),
    Route("post", "coupons", coupons.create_coupon, coupons.COUPON),
    _list("coupons", "coupon", CREATED),
    _read("coupons/*", "coupon"),
    Route("post", "promotion_codes", coupons.create_code, coupons.CODE),
    _list(
        "promotion_codes", "promotion_code", {**CREATED, "active": wire.boolean, "code": wire.text}, "active", "code"
    ),
    _read("promotion_codes/*", "promotion_code"),
    Route("post", "checkout/sessions", checkout.create, checkout.CREATE),
    Route("get", "checkout/sessions", checkout.list_all, checkout.LIST, write=False),
    _read("checkout/sessions/*", "checkout.session"),
    Route("post", "checkout/sessions/*/expire", _ids_only(checkout.expire), NONE),
    Route("post", "billing_portal/sessions", portal.create, portal.CREATE),
    Route("get", "subscriptions", subscriptions.list_all, subscriptions.LIST, write=False),
    _read("subscriptions/*", "subscription"),
    Route("post", "subscriptions/*", changes.update, changes.UPDATE),
    Route("delete", "subscriptions/*", endings.cancel, endings.CANCEL),
    Route("post", "subscriptions/*/resume", renewals.resume, renewals.RESUME),
    Route("post", "invoices/create_preview", previews.create, previews.CREATE, write=False),
    _list(
        "invoices",
        "invoice",
        {
            **BY_CUSTOMER,
            "status": wire.one_of("draft", "open", "paid", "uncollectible", "void"),
            "subscription": wire.text,
        },
        "customer",
        "status",
        "_subscription",
    ),
    _read("invoices/*", "invoice"),
    Route("post", "invoices/*/pay", portal.pay, portal.PAY),
    _list("invoice_payments", "invoice_payment", {**wire.PAGING, "invoice": wire.text}, "invoice"),
    _list("charges", "charge", {**BY_CUSTOMER, "payment_intent": wire.text}, "customer", "payment_intent"),
    _read("charges/*", "charge"),
    _read("payment_intents/*", "payment_intent"),
    _read("payment_methods/*", "payment_method"),
    Route("post", "refunds", refunds.create, refunds.CREATE),
    _list(
        "refunds", "refund", {**CREATED, "charge": wire.text, "payment_intent": wire.text}, "charge", "payment_intent"
    ),
    _read("refunds/*", "refund"),
    _read("tax_rates/*", "tax_rate"),
    Route("get", "events", outbox.list_all, outbox.LIST, write=False),
    Route("get", "events/*", outbox.retrieve, NONE, write=False),
    Route("post", "test_helpers/test_clocks", test_clocks.create, test_clocks.CREATE),
    _read("test_helpers/test_clocks/*", "test_helpers.test_clock"),
    Route("post", "test_helpers/test_clocks/*/advance", test_clocks.advance, test_clocks.ADVANCE),
)
PATTERNS = tuple((route, re.compile("/v1/" + route.path.replace("*", r"([\w.-]+)"))) for route in ROUTES)


def find(method: str, path: str) -> tuple[Route, tuple[Any, ...]]:
    """The route of a request, and the ids in its path. Raises Refused."""
    for route, pattern in PATTERNS:
        if route.method == method.lower() and (match := pattern.fullmatch(path)):
            return route, match.groups()
    raise Refused(f"Unrecognized request URL ({method.upper()}: {path}).", status=404)
