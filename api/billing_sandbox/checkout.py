"""Checkout sessions: made by the caller, listed, expired."""

from api.billing_sandbox import checkout_session, lists, wire
from api.billing_sandbox.catalogue import required
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work
from marquee.settings import settings

LOCALES = ("auto", "de", "en", "en-GB", "es", "fr", "it", "ja", "nl", "pl", "pt", "pt-BR", "sv")
CREATE: wire.Schema = {
    "mode": wire.one_of("subscription"),
    "customer": wire.text,
    "line_items": [{"price": wire.text, "quantity": wire.natural}],
    "success_url": wire.text,
    "cancel_url": wire.text,
    "client_reference_id": wire.text,
    "allow_promotion_codes": wire.boolean,
    "subscription_data": {
        "metadata": wire.metadata,
        "description": wire.text,
        "trial_end": wire.natural,
        "trial_period_days": wire.natural,
        "trial_settings": {
            "end_behavior": {"missing_payment_method": wire.one_of("cancel", "create_invoice", "pause")}
        },
    },
    "automatic_tax": {"enabled": wire.boolean},
    "customer_update": dict.fromkeys(("address", "name", "shipping"), wire.one_of("auto", "never")),
    "billing_address_collection": wire.one_of("auto", "required"),
    "payment_method_collection": wire.one_of("always", "if_required"),
    "payment_method_types": [wire.one_of("card")],
    "locale": wire.one_of(*LOCALES),
    "metadata": wire.metadata,
    "expires_at": wire.natural,
}
LIST: wire.Schema = {
    **wire.PAGING,
    "customer": wire.text,
    "subscription": wire.text,
    "status": wire.one_of("open", "complete", "expired"),
    "created": wire.RANGE,
}


def create(work: Work, params: Doc) -> Doc:
    """A session for one plan. Raises Refused where the customer's country is needed for taxes and may not be asked."""
    required(params, "mode", "customer", "line_items", "success_url")
    customer = work.enter(params["customer"])
    price, quantity = _bought(work, params["line_items"])
    asks = (params.get("customer_update") or {}).get("address") == "auto"
    taxed = (params.get("automatic_tax") or {}).get("enabled", False)
    if taxed and not asks and not (customer["address"] or {}).get("country"):
        message = "Automatic tax calculation in Checkout requires a valid address on the Customer."
        raise Refused(message, code="customer_tax_location_invalid")
    session = work.add("cs_test", checkout_session.new(work, params, price, quantity), 58)
    session["url"] = f"{settings().billing_url}/pay/{session['id']}"
    return session


def _bought(work: Work, items: list[Doc]) -> tuple[Doc, int]:
    """The price and the quantity. Raises Refused."""
    if len(items) != 1:
        raise Refused("The sandbox sells one plan at a time.", param="line_items")
    required(items[0], "price")
    price = work.get("price", items[0]["price"], "line_items[0][price]")
    if not price["active"]:
        raise Refused(f"The price specified is inactive: {price['id']}", param="line_items[0][price]")
    return price, items[0].get("quantity") or 1


def list_all(work: Work, params: Doc) -> Doc:
    filters = {name: params.get(name) for name in ("customer", "subscription", "status")}
    return lists.page(work, "checkout.session", "/v1/checkout/sessions", params, filters)


def expire(work: Work, id_: str) -> Doc:
    """Close a session that is open."""
    session = work.enter_by("checkout.session", id_)
    if session["status"] != "open":
        message = f"Only Checkout Sessions with a status in [open] can be expired. This one is {session['status']}."
        raise Refused(message)
    expire_due(work, session)
    return session


def expire_due(work: Work, session: Doc) -> None:
    session.update(status="expired", url=None)
    work.emit("checkout.session.expired", session)
