"""What a member does on the checkout page: pays with a card, confirms with the bank, or is refused."""

from api.billing_sandbox import cards, collection, customers, fulfilment, payments
from api.billing_sandbox.errors import Refused, declined
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

UNCONFIRMED = "We are unable to authenticate your payment method. Please choose a different one and try again."


def open_session(work: Work, id_: str) -> Doc:
    """The session of a page. Raises Refused where it is no longer open."""
    session = work.enter_by("checkout.session", id_)
    if session["status"] != "open":
        raise Refused(f"This page is {session['status']}.", status=410)
    return session


def pay(work: Work, id_: str, kind: str, *, promotion: str = "", country: str = "") -> str:
    """Pay with a new card of a kind: `complete`, or `confirm` where the bank asks first.

    Raises Refused where the bank declines or the promotion code is none; the session stays open.
    """
    session = open_session(work, id_)
    if country and session["_asks_country"]:
        with work.changing(work.customer) as customer:
            customer["address"] = customers.set_address(customer["address"], {"country": country})
    if session["automatic_tax"]["enabled"] and not (work.customer["address"] or {}).get("country"):
        raise Refused("Choose your country.", param="country")
    card = cards.new(work, kind)
    if session["_trial_end"] and not session.get("_subscription"):
        return _begin_trial(work, session, card, promotion)
    subscription = _subscription(work, session, card, promotion)
    invoice = work.get("invoice", subscription["latest_invoice"])
    outcome = (
        "succeeded" if invoice["status"] == "paid" else collection.collect(work, invoice, on_session=True, manual=True)
    )
    if outcome == "requires_action":
        return "confirm"
    if outcome != "succeeded":
        raise declined(outcome, cards.REFUSALS[outcome])
    return _complete(work, session, subscription, card)


def _subscription(work: Work, session: Doc, card: Doc, promotion: str) -> Doc:
    """The subscription of the first attempt, with the card of this one."""
    if not session.get("_subscription"):
        return fulfilment.begin(work, session, card, promotion)
    subscription = work.get("subscription", session["_subscription"])
    if subscription["status"] != "incomplete":
        raise Refused("This page has expired.", status=410)
    with work.changing(subscription):
        subscription["default_payment_method"] = card["id"]
    return subscription


def _begin_trial(work: Work, session: Doc, card: Doc, promotion: str) -> str:
    """A trial costs nothing now, but the card is checked."""
    refusal = cards.refusal(card, True)
    session["_card"] = card["id"]
    session["_promotion"] = promotion
    if refusal == "authentication_required":
        return "confirm"
    if refusal:
        raise declined(refusal, cards.REFUSALS[refusal])
    return _trial(work, session)


def _trial(work: Work, session: Doc) -> str:
    card = work.get("payment_method", session["_card"])
    cards.use(card)
    return _complete(work, session, fulfilment.begin(work, session, card, session["_promotion"]), card)


def _complete(work: Work, session: Doc, subscription: Doc, card: Doc) -> str:
    with work.changing(work.customer) as customer:
        customer["invoice_settings"]["default_payment_method"] = card["id"]
    fulfilment.complete(work, session, subscription)
    return "complete"


def without_card(work: Work, id_: str, *, promotion: str = "") -> str:
    """Begin a trial without a card, where the session allows that (`payment_method_collection=if_required`)."""
    session = open_session(work, id_)
    if session["payment_method_collection"] != "if_required" or not session["_trial_end"]:
        raise Refused("A card is needed.", param="card")
    fulfilment.complete(work, session, fulfilment.begin(work, session, None, promotion))
    return "complete"


def confirm(work: Work, id_: str, agreed: bool) -> str:
    """The bank's page: confirm the payment that waits, or the card for a trial. Raises Refused for a no."""
    session = open_session(work, id_)
    if not session.get("_subscription"):
        if not session.get("_card"):
            raise Refused("There is nothing to confirm.")
        if not agreed:
            raise Refused(UNCONFIRMED, status=402, type_="card_error", code="setup_intent_authentication_failure")
        return _trial(work, session)
    subscription = work.get("subscription", session["_subscription"])
    invoice = work.get("invoice", subscription["latest_invoice"])
    confirm_invoice(work, invoice, agreed)
    return _complete(work, session, subscription, cards.current(work, subscription) or {})


def confirm_invoice(work: Work, invoice: Doc, agreed: bool) -> None:
    """Confirm the payment of an invoice, or not. Raises Refused for a no, which stays on record."""
    intent = payments.intent_of(work, invoice)
    if intent["status"] != "requires_action":
        raise Refused("There is nothing to confirm.")
    if not agreed:
        payments.refuse_confirmation(intent)
        code = "payment_intent_authentication_failure"
        raise Refused(UNCONFIRMED, status=402, type_="card_error", code=code, keep=True)
    collection.confirm(work, invoice)
