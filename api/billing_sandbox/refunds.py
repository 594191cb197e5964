"""Refunds of charges, in whole or in part."""

from api.billing_sandbox import wire
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

CREATE: wire.Schema = {
    "charge": wire.text,
    "payment_intent": wire.text,
    "amount": wire.natural,
    "reason": wire.one_of("duplicate", "fraudulent", "requested_by_customer"),
    "metadata": wire.metadata,
}


def create(work: Work, params: Doc) -> Doc:
    """Give money back: of a charge, or of a payment intent's latest one. Raises Refused for more than is left."""
    charge = _charge(work, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if not charge["paid"]:
        raise Refused("This charge has not succeeded.", code="charge_not_refundable", param="charge")
    if charge["refunded"]:
        message = f"Charge {charge['id']} has already been refunded."
        raise Refused(message, code="charge_already_refunded", param="charge")
    if not 0 < amount <= left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}), or nothing."
        raise Refused(message, code="amount_too_large", param="amount")
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    refund = work.add("re", _refund(charge, amount, params))
    work.emit("charge.refunded", charge, {"amount_refunded": charge["amount_refunded"] - amount})
    return refund


def _charge(work: Work, params: Doc) -> Doc:
    if ("charge" in params) == ("payment_intent" in params):
        raise Refused("One of charge and payment_intent is needed.", code="parameter_missing", param="charge")
    if "charge" in params:
        return work.enter_by("charge", params["charge"], "charge")
    intent = work.enter_by("payment_intent", params["payment_intent"], "payment_intent")
    return work.get("charge", intent["latest_charge"] or "", "payment_intent")


def _refund(charge: Doc, amount: int, params: Doc) -> Doc:
    nulls = ("balance_transaction", "receipt_number", "source_transfer_reversal", "transfer_reversal")
    card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    return {
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {"card": card, "type": "card"},
        "metadata": wire.merged({}, params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "status": "succeeded",
        **dict.fromkeys(nulls),
    }
