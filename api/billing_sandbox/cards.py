"""Payment methods: four kinds of card, by what the bank does with them."""

from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

# Kind to the last digits of the card for tests that Stripe has for it (docs.stripe.com/testing).
KINDS = {"works": "4242", "declines": "0002", "confirm": "3155", "once": "0341"}
LABELS = {
    "works": "A card that works",
    "declines": "A card that is declined",
    "confirm": "A card that needs the bank's confirmation",
    "once": "A card that works once and fails at renewal",
}
REFUSALS = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}
MONTH, YEAR = 12, 2099


def new(work: Work, kind: str) -> Doc:
    """A card of the customer."""
    card = {
        "brand": "visa",
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "DE",
        "display_brand": "visa",
        "exp_month": MONTH,
        "exp_year": YEAR,
        "funding": "credit",
        "generated_from": None,
        "last4": KINDS[kind],
        "networks": {"available": ["visa"], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    shape = {"object": "payment_method", "type": "card", "customer": work.customer_id, "metadata": {}}
    more = {"allow_redisplay": "unspecified", "billing_details": billing_details(work.customer), "card": card}
    return work.add("pm", {**shape, **more, "_kind": kind, "_uses": 0, "_confirmed": False})


def billing_details(customer: Doc) -> Doc:
    address = customer["address"] or dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    named = {name: customer[name] for name in ("email", "name", "phone")}
    return {"address": address, "tax_id": None, **named}


def refusal(card: Doc, on_session: bool) -> str:
    """The bank's answer to a payment: empty where it pays, else a decline code.

    With the member present (`on_session`), `authentication_required` means that the bank asks them.
    """
    if card["_kind"] == "declines":
        return "generic_decline"
    if card["_kind"] == "once" and card["_uses"]:
        return "insufficient_funds"
    if card["_kind"] == "confirm" and (on_session or not card["_confirmed"]) and not card.get("_confirming"):
        return "authentication_required"
    return ""


def use(card: Doc) -> None:
    """Note a payment, or that the card was taken for later ones."""
    card["_uses"] += 1
    card["_confirmed"] = True


def current(work: Work, subscription: Doc | None) -> Doc | None:
    """The card that pays: the subscription's own, else the customer's."""
    own = (subscription or {}).get("default_payment_method")
    id_ = own or work.customer["invoice_settings"]["default_payment_method"]
    return work.find(id_) if id_ else None


def make_default(work: Work, card: Doc | None) -> None:
    """Pay with this card from now on, whatever the subscriptions had; None takes the card away."""
    id_ = card and card["id"]
    with work.changing(work.customer) as customer:
        customer["invoice_settings"]["default_payment_method"] = id_
    for subscription in work.all("subscription"):
        if subscription["ended_at"] is None:
            with work.changing(subscription):
                subscription["default_payment_method"] = id_
