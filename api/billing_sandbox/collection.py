"""Collection: an invoice is paid by the customer's card, tried again later, or given up."""

from api.billing_sandbox import cards, customers, invoices, payments, standing
from api.billing_sandbox.periods import DAY_S
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work

RETRY_DAYS = (1, 3, 5)  # after the first failure, and after each further one; then the subscription is given up
NO_CARD = "no_card"


def finalise_and_collect(work: Work, invoice: Doc, *, on_session: bool = False) -> str:
    """Finalise a draft and try to have it paid; as `collect`."""
    invoices.finalise(work, invoice)
    return collect(work, invoice, on_session=on_session)


def finalise_due(work: Work, invoice: Doc) -> None:
    """A renewal's draft has waited for its hour."""
    finalise_and_collect(work, invoice)


def retry(work: Work, invoice: Doc) -> None:
    """One of the later attempts, by itself."""
    collect(work, invoice)


def collect(work: Work, invoice: Doc, *, on_session: bool = False, manual: bool = False) -> str:
    """Try to have an open invoice paid: `succeeded`, `requires_action`, `no_card`, or the bank's decline code."""
    if not invoice["amount_due"]:
        settle(work, invoice, 0)
        return "succeeded"
    subscription = invoices.subscription_of(work, invoice)
    card = cards.current(work, subscription)
    outcome = payments.attempt(work, invoice, card, on_session=on_session) if card else NO_CARD
    if outcome == "succeeded":
        settle(work, invoice, _attempts(invoice, manual))
    elif outcome != "requires_action":
        _fail(work, invoice, subscription, manual)
    return outcome


def settle(work: Work, invoice: Doc, attempts: int) -> None:
    """The invoice is paid; the subscription stands as that allows."""
    invoices.mark_paid(work, invoice, attempts)
    subscription = invoices.subscription_of(work, invoice)
    if subscription["latest_invoice"] == invoice["id"]:
        customers.set_delinquent(work, False)
        standing.paid(work, subscription)


def confirm(work: Work, invoice: Doc) -> None:
    """The bank has confirmed a payment that waited for it."""
    intent = payments.intent_of(work, invoice)
    card = work.get("payment_method", intent["payment_method"])
    card["_confirming"] = True
    payments.attempt(work, invoice, card, on_session=True)
    del card["_confirming"]
    settle(work, invoice, _attempts(invoice, True))


def _attempts(invoice: Doc, manual: bool) -> int:
    """With one more: attempts that people make do not count as the schedule's, but for the first."""
    return max(1, int(invoice["attempt_count"]) + (0 if manual else 1))


def _fail(work: Work, invoice: Doc, subscription: Doc, manual: bool) -> None:
    with work.changing(invoice):
        invoice.update(attempted=True, attempt_count=_attempts(invoice, manual))
        if not manual or not invoice["next_payment_attempt"]:
            invoice["next_payment_attempt"] = _next(work, invoice, subscription)
    work.emit("invoice.payment_failed", invoice)
    customers.set_delinquent(work, True)
    if subscription["status"] in {"active", "past_due"}:
        gives_up = invoice["next_payment_attempt"] is None and not manual
        standing.given_up(work, subscription) if gives_up else standing.behind(work, subscription)


def _next(work: Work, invoice: Doc, subscription: Doc) -> int | None:
    """When it is tried again; never for a first invoice, which the member has to pay."""
    done = invoice["attempt_count"]
    if subscription["status"] not in {"active", "past_due"} or not 1 <= done <= len(RETRY_DAYS):
        return None
    return work.now + RETRY_DAYS[done - 1] * DAY_S
