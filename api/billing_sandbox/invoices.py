"""Invoices: drafted from lines, finalised, paid by a balance, voided."""

from api.billing_sandbox import customers, discounts, ids, invoice_object, payments, totals
from api.billing_sandbox.lists import listed
from api.billing_sandbox.store import Doc
from api.billing_sandbox.work import Work
from marquee.settings import settings

DRAFT_S = 3600  # docs.stripe.com/billing/invoices/subscription: drafts of renewals are finalised about an hour later


def draft(work: Work, subscription: Doc, lines: list[Doc], reason: str, *, wait: bool = False) -> Doc:
    """An invoice of these lines. With `wait` it is finalised an hour later by itself, as a renewal's is."""
    pending = [] if reason == "subscription_create" else _pending(work, subscription)
    invoice = work.add("in", invoice_object.new(work, subscription, reason))
    data = [{**each, "invoice": invoice["id"]} for each in pending + lines]
    invoice["lines"] = listed(data, f"/v1/invoices/{invoice['id']}/lines")
    # An invoice's own period looks back; the periods that are paid for stand in its lines.
    since = subscription.get("_previous_start", work.now) if reason == "subscription_cycle" else work.now
    invoice.update(period_start=since, period_end=work.now)
    totals.reckon(work, invoice, discounts.in_force(work, subscription))
    if wait:
        invoice["automatically_finalizes_at"] = work.now + DRAFT_S
    elif reason == "subscription_cycle":
        invoice["auto_advance"] = False
    with work.changing(subscription):
        subscription["latest_invoice"] = invoice["id"]
    work.emit("invoice.created", invoice)
    return invoice


def _pending(work: Work, subscription: Doc) -> list[Doc]:
    """The lines that wait for the next invoice; they wait no more."""
    waiting = work.all("invoiceitem", subscription=subscription["id"])
    for each in waiting:
        work.drop(each)
    return [each["line"] for each in waiting]


def subscription_of(work: Work, invoice: Doc) -> Doc:
    return work.get("subscription", invoice["_subscription"])


def finalise(work: Work, invoice: Doc) -> None:
    """Number it and set the customer's balance against it; what comes to nothing is paid by that."""
    customer = work.customer
    with work.changing(invoice):
        invoice["starting_balance"] = customer["balance"]
        totals.set_due(invoice)
        number = customer["next_invoice_sequence"]
        customer["next_invoice_sequence"] = number + 1
        ending = min(0, invoice["total"] + invoice["starting_balance"])
        url = f"{settings().billing_url}/invoice/{ids.new('inv', 40)}"
        invoice.update(
            status="open",
            number=f"{customer['invoice_prefix']}-{number:04}",
            ending_balance=ending,
            effective_at=work.now,
            automatically_finalizes_at=None,
            hosted_invoice_url=url,
        )
        invoice["status_transitions"]["finalized_at"] = work.now
    customers.move_balance(work, ending - invoice["starting_balance"])
    discounts.use_up(work, subscription_of(work, invoice), invoice)
    work.emit("invoice.finalized", invoice)


def mark_paid(work: Work, invoice: Doc, attempts: int) -> None:
    """It is paid, after so many attempts of the schedule, or because nothing was due."""
    with work.changing(invoice):
        invoice["attempt_count"] = attempts
        paid = invoice["amount_due"]
        invoice.update(status="paid", amount_paid=paid, amount_remaining=0, attempted=True, next_payment_attempt=None)
        invoice["auto_advance"] = False
        invoice["status_transitions"]["paid_at"] = work.now
    work.emit("invoice.paid", invoice)


def void(work: Work, invoice: Doc) -> None:
    """It is not to be paid any more; what it had taken of the balance goes back."""
    with work.changing(invoice):
        invoice.update(status="void", auto_advance=False, next_payment_attempt=None, amount_remaining=0)
        invoice["status_transitions"]["voided_at"] = work.now
    payments.cancel(work, invoice, "void_invoice")
    customers.move_balance(work, invoice["starting_balance"] - (invoice["ending_balance"] or 0))
    work.emit("invoice.voided", invoice)


def leave_alone(work: Work, subscription: Doc) -> None:
    """Try to collect nothing any more of what is open: the subscription has ended, or was given up."""
    for invoice in work.all("invoice", _subscription=subscription["id"]):
        if invoice["status"] in {"draft", "open"}:
            with work.changing(invoice):
                invoice.update(auto_advance=False, next_payment_attempt=None, automatically_finalizes_at=None)
