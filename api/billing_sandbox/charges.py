"""Charges: what an attempt to pay leaves on record, whether it worked or not."""

from api.billing_sandbox import cards
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

NULLS = ("application", "on_behalf_of", "review", "source", "transfer_data", "transfer_group", "shipping")


def new(work: Work, invoice: Doc, intent: Doc, card: Doc, refusal: str) -> Doc:
    paid = not refusal
    charge = {
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "billing_details": cards.billing_details(work.customer),
        "captured": paid,
        "currency": invoice["currency"],
        "customer": work.customer_id,
        "description": "Subscription",
        "disputed": False,
        "metadata": {},
        "outcome": _outcome(refusal),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": card["id"],
        "payment_method_details": {"card": _card_used(card), "type": "card"},
        "refunded": False,
        "status": "succeeded" if paid else "failed",
        "failure_code": "card_declined" if refusal else None,
        "failure_message": cards.REFUSALS.get(refusal),
        **dict.fromkeys(("balance_transaction", "failure_balance_transaction", *NULLS)),
    }
    charge = work.add("ch", charge)
    work.emit("charge.succeeded" if paid else "charge.failed", charge)
    return charge


def _outcome(refusal: str) -> Doc:
    empty = {"advice_code": None, "network_advice_code": None, "network_decline_code": None, "rule": None}
    if refusal:
        told = {"reason": refusal, "seller_message": cards.REFUSALS[refusal], "type": "issuer_declined"}
        return {**empty, "network_status": "declined_by_network", "risk_level": "normal", **told}
    told = {"reason": "", "seller_message": "Payment complete.", "type": "authorized"}
    return {**empty, "network_status": "approved_by_network", "risk_level": "normal", **told, "reason": None}


def _card_used(card: Doc) -> Doc:
    names = ("brand", "country", "exp_month", "exp_year", "funding", "last4")
    return {name: card["card"][name] for name in names} | {"network": "visa", "wallet": None}
