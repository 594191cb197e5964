"""The portal: a member changes the card, pays what is open, cancels and takes that back."""

from api.billing_sandbox import cards, changes, checkout, collection, paying, wire
from api.billing_sandbox.catalogue import required
from api.billing_sandbox.errors import Refused, declined
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work
from marquee.settings import settings

CREATE: wire.Schema = {
    "customer": wire.text,
    "return_url": wire.text,
    "locale": wire.one_of(*checkout.LOCALES),
}
PAY: wire.Schema = {"payment_method": wire.text, "off_session": wire.boolean}


def create(work: Work, params: Doc) -> Doc:
    """A portal session of a customer."""
    required(params, "customer")
    work.enter(params["customer"])
    session = work.add(
        "bps",
        {
            "object": "billing_portal.session",
            "after_expiration": None,
            "configuration": "bpc_sandbox",
            "customer": work.customer_id,
            "customer_account": None,
            "flow": None,
            "locale": params.get("locale"),
            "on_behalf_of": None,
            "return_url": params.get("return_url"),
        },
        40,
    )
    session["url"] = f"{settings().billing_url}/portal/{session['id']}"
    return session


def change_card(work: Work, id_: str, kind: str) -> None:
    """Pay with a new card from now on. The bank's confirmation of a card for later counts as given here."""
    work.enter_by("billing_portal.session", id_)
    card = cards.new(work, kind)
    if cards.refusal(card, False) == "generic_decline":
        raise declined("generic_decline", cards.REFUSALS["generic_decline"])
    cards.use(card)
    cards.make_default(work, card)


def pay_open(work: Work, id_: str, invoice_id: str) -> str:
    """Pay an invoice with the member present: `succeeded` or `requires_action`. Raises Refused."""
    work.enter_by("billing_portal.session", id_)
    return settle_open(work, work.get("invoice", invoice_id), on_session=True)


def cancel(work: Work, id_: str, subscription_id: str, at_end: bool) -> None:
    """Have a subscription end with its period, or go on."""
    work.enter_by("billing_portal.session", id_)
    subscription = work.get("subscription", subscription_id)
    if subscription["ended_at"] is not None:
        raise Refused("This subscription has ended.")
    with work.changing(subscription):
        changes.set_cancel(work, subscription, at_end)


def pay(work: Work, id_: str, params: Doc) -> Doc:
    """As `POST /v1/invoices/{id}/pay`."""
    invoice = work.enter_by("invoice", id_)
    if card := params.get("payment_method"):
        cards.make_default(work, work.get("payment_method", card, "payment_method"))
    if settle_open(work, invoice, on_session=not params.get("off_session", True)) == "requires_action":
        message = "Payment for this invoice requires additional user action before it can be completed successfully."
        code = "invoice_payment_intent_requires_action"
        raise Refused(message, status=402, type_="card_error", code=code, keep=True)
    return invoice


def settle_open(work: Work, invoice: Doc, *, on_session: bool) -> str:
    """Pay an invoice out of turn: `succeeded` or `requires_action`; a draft is finalised first. Raises Refused."""
    if invoice["status"] not in {"draft", "open"}:
        raise Refused(f"Invoice is already {invoice['status']}")
    if invoice["status"] == "draft":
        outcome = collection.finalise_and_collect(work, invoice, on_session=on_session)
    else:
        outcome = collection.collect(work, invoice, on_session=on_session, manual=True)
    if outcome == collection.NO_CARD:
        message = "This customer has no attached payment source or default payment method."
        raise Refused(message, code="resource_missing", keep=True)
    if outcome not in {"succeeded", "requires_action"}:
        raise declined(outcome, cards.REFUSALS[outcome])
    return outcome


def confirm(work: Work, id_: str, invoice_id: str, agreed: bool) -> None:
    """The bank's answer to the payment of an open invoice."""
    work.enter_by("billing_portal.session", id_)
    paying.confirm_invoice(work, work.get("invoice", invoice_id), agreed)
