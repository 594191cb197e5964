"""The checkout session object, and the list of what it sells."""

from api.billing_sandbox import wire
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.lists import listed
from api.billing_sandbox.periods import DAY_S
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

LONGEST_TRIAL_S = 730 * DAY_S
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


def new(work: Work, params: Doc, price: Doc, quantity: int) -> Doc:
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
