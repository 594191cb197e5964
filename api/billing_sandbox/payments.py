"""Payments of invoices: a payment intent for each, and a charge for each attempt."""

from api.billing_sandbox import cards, charges, ids
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

FRESH = "requires_payment_method"


def attempt(work: Work, invoice: Doc, card: Doc, *, on_session: bool) -> str:
    """Try to pay what is left of an invoice: `succeeded`, `requires_action`, or the decline code."""
    intent = intent_of(work, invoice)
    intent["payment_method"] = card["id"]
    refusal = cards.refusal(card, on_session)
    if refusal == "authentication_required" and on_session:
        redirect = {"return_url": None, "url": invoice["hosted_invoice_url"]}
        intent.update(status="requires_action", next_action={"type": "redirect_to_url", "redirect_to_url": redirect})
        work.emit("invoice.payment_action_required", invoice)
        return "requires_action"
    charge = charges.new(work, invoice, intent, card, refusal)
    intent.update(latest_charge=charge["id"], next_action=None)
    return _failed(intent, refusal) if refusal else _succeeded(work, intent, card)


def _succeeded(work: Work, intent: Doc, card: Doc) -> str:
    cards.use(card)
    intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
    payment = payment_of(work, intent)
    payment.update(status="paid", amount_paid=intent["amount"])
    payment["status_transitions"]["paid_at"] = work.now
    return "succeeded"


def _failed(intent: Doc, refusal: str) -> str:
    message = cards.REFUSALS[refusal]
    error = {"code": "card_declined", "decline_code": refusal, "message": message, "type": "card_error"}
    intent.update(status=FRESH, last_payment_error=error)
    return refusal


def refuse_confirmation(intent: Doc) -> None:
    """The member, or the bank, has said no."""
    message = "We are unable to authenticate your payment method."
    error = {"code": "payment_intent_authentication_failure", "message": message, "type": "card_error"}
    intent.update(status=FRESH, next_action=None, last_payment_error=error, payment_method=None)


def cancel(work: Work, invoice: Doc, reason: str) -> None:
    """An invoice is not to be paid any more."""
    if invoice.get("_intent"):
        intent = work.get("payment_intent", invoice["_intent"])
        intent.update(status="canceled", canceled_at=work.now, cancellation_reason=reason, next_action=None)
        payment = payment_of(work, intent)
        payment["status"], payment["status_transitions"]["canceled_at"] = "canceled", work.now


def payment_of(work: Work, intent: Doc) -> Doc:
    """The invoice payment that an intent belongs to."""
    return next(each for each in work.all("invoice_payment") if each["payment"]["payment_intent"] == intent["id"])


def intent_of(work: Work, invoice: Doc) -> Doc:
    """The payment intent of an invoice, made with the first attempt."""
    if invoice.get("_intent"):
        return work.get("payment_intent", invoice["_intent"])
    intent = work.add("pi", _intent(invoice))
    intent["client_secret"] = f"{intent['id']}_secret_{ids.new('x')[2:]}"
    invoice["_intent"] = intent["id"]
    work.add(
        "inpay",
        {
            "object": "invoice_payment",
            "amount_paid": None,
            "amount_requested": invoice["amount_due"],
            "currency": invoice["currency"],
            "customer": work.customer_id,
            "invoice": invoice["id"],
            "is_default": True,
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        },
    )
    return intent


def _intent(invoice: Doc) -> Doc:
    amounts = {"amount": invoice["amount_due"], "amount_capturable": 0, "amount_received": 0}
    methods = {"capture_method": "automatic", "confirmation_method": "automatic", "payment_method_types": ["card"]}
    empty: Doc = {"metadata": {}, "payment_method_options": {}, "last_payment_error": None, "latest_charge": None}
    ends: Doc = {"canceled_at": None, "cancellation_reason": None, "next_action": None, "processing": None}
    return {
        "object": "payment_intent",
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "description": "Subscription",
        "payment_method": None,
        "setup_future_usage": "off_session",
        "status": FRESH,
        **(amounts | methods | empty | ends | dict.fromkeys(charges.NULLS)),
    }
