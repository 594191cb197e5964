"""Checkout sessions: made by the caller, paid on the sandbox's page, expired."""

from api.billing_sandbox import customers, discounts, lists, subscriptions, wire
from api.billing_sandbox.catalogue import required
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.lists import listed
from api.billing_sandbox.periods import DAY_S
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work
from marquee.settings import settings

LONGEST_TRIAL_S = 730 * DAY_S
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
NULLS = (
    "after_expiration",
    "client_secret",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer_creation",
    "customer_email",
    "invoice",
    "invoice_creation",
    "origin_context",
    "payment_intent",
    "payment_link",
    "payment_method_configuration_details",
    "recovered_from",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "submit_type",
    "subscription",
)


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
    session = work.add("cs_test", _new(work, params, price, quantity), 58)
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


def _new(work: Work, params: Doc, price: Doc, quantity: int) -> Doc:
    taxed = (params.get("automatic_tax") or {}).get("enabled", False)
    data = params.get("subscription_data") or {}
    trial_end = _trial_end(work, data)
    subtotal = 0 if trial_end else price["unit_amount"] * quantity
    tax = {"liability": {"type": "self"} if taxed else None, "provider": "stripe" if taxed else None, "status": None}
    named = ("client_reference_id", "cancel_url", "success_url", "allow_promotion_codes", "locale")
    return {
        "object": "checkout.session",
        **dict.fromkeys(NULLS),
        **{name: params.get(name) for name in named},
        "adaptive_pricing": {"enabled": False},
        "amount_subtotal": subtotal,
        "amount_total": subtotal,
        "automatic_tax": {"enabled": taxed, **tax},
        "billing_address_collection": params.get("billing_address_collection"),
        "currency": price["currency"],
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "customer": work.customer_id,
        "customer_details": None,
        "discounts": [],
        "expires_at": params.get("expires_at") or work.now + DAY_S,
        "metadata": wire.merged({}, params.get("metadata")),
        "mode": "subscription",
        "payment_method_collection": params.get("payment_method_collection", "always"),
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "redirect_on_completion": None,
        "saved_payment_method_options": None,
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "_price": price["id"],
        "_quantity": quantity,
        "_trial_end": trial_end,
        "_trial_days": data.get("trial_period_days"),
        "_asks_country": (params.get("customer_update") or {}).get("address") == "auto",
        "_data": data,
    }


def _trial_end(work: Work, data: Doc) -> int | None:
    """When the trial ends; with trial_period_days that is counted anew from the moment of paying."""
    if days := data.get("trial_period_days"):
        return work.now + int(days) * DAY_S
    end = data.get("trial_end")
    # Stripe asks for two days at least: docs.stripe.com/api/checkout/sessions/create, subscription_data.trial_end.
    if end is not None and not work.now + 2 * DAY_S <= end <= work.now + LONGEST_TRIAL_S:
        message = "The trial_end date has to be at least 2 days in the future, and 2 years at most."
        raise Refused(message, param="subscription_data[trial_end]")
    return end


def list_all(work: Work, params: Doc) -> Doc:
    filters = {name: params.get(name) for name in ("customer", "subscription", "status")}
    return lists.page(work, "checkout.session", "/v1/checkout/sessions", params, filters)


def line_items(work: Work, session: Doc) -> Doc:
    """What the session sells; sent where it is asked for by `expand`."""
    price, quantity = work.get("price", session["_price"]), session["_quantity"]
    item = {
        "id": f"li_{session['id'][-14:]}",
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": price["unit_amount"] * quantity,
        "amount_tax": 0,
        "amount_total": price["unit_amount"] * quantity,
        "currency": price["currency"],
        "description": work.get("product", price["product"])["name"],
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }
    return listed([item], f"/v1/checkout/sessions/{session['id']}/line_items")


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
