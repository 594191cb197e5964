"""Billing: invoices and payments of accounts, and the customers whose record has to be read again."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import AccountRow, BillingNotice, InvoiceRow, PaymentRow, SubscriptionChange, now
from marquee.contracts.billing import Invoice, Payment
from marquee.contracts.ids import new_id


def set_customer(session: Session, account_id: int, customer_id: str) -> None:
    """Note the provider's id of the account."""
    session.execute(update(AccountRow).where(AccountRow.id == account_id).values(billing_customer=customer_id))


def put_invoice(session: Session, account_id: int, invoice: Invoice) -> None:
    """Keep an invoice as the provider states it now."""
    fields = asdict(invoice)
    fields.pop("retry_at")
    values = fields | {"taxes": {"lines": fields["taxes"]}}
    _upsert(session, InvoiceRow, {"account_id": account_id, "invoice_id": values.pop("invoice_id")}, values)


def put_payment(session: Session, account_id: int, origin: str, payment: Payment, invoice: Invoice) -> None:
    """Keep an attempt at paying an invoice as it stands now."""
    own = {"currency": payment.currency, "amount": payment.amount, "status": payment.status, "at": payment.at}
    period = {"plan": invoice.plan, "period_start": invoice.period_start, "period_end": invoice.period_end}
    values = {"invoice_id": payment.invoice_id, "origin": origin, **own, **period}
    _upsert(session, PaymentRow, {"account_id": account_id, "payment_id": payment.payment_id}, values)


def _upsert(
    session: Session, table: type[InvoiceRow | PaymentRow], key: dict[str, Any], values: dict[str, Any]
) -> None:
    statement = insert(table).values(**key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def invoices(session: Session, account_id: int, *, before: datetime | None, limit: int) -> Sequence[InvoiceRow]:
    """The account's invoices, the newest first; `before` is when the last of the page before was made."""
    wanted = select(InvoiceRow).where(InvoiceRow.account_id == account_id)
    if before is not None:
        wanted = wanted.where(InvoiceRow.created_at < before)
    return session.scalars(wanted.order_by(InvoiceRow.created_at.desc(), InvoiceRow.invoice_id).limit(limit)).all()


def part_from_account(session: Session, account_id: int) -> None:
    """Keep what the books need of an account that is deleted, under an id that leads nowhere."""
    unknown = new_id()
    for table in (InvoiceRow, PaymentRow, SubscriptionChange):
        session.execute(update(table).where(table.account_id == account_id).values(account_id=unknown))


def note(session: Session, customer_id: str) -> None:
    """Have a customer's record read again, soon."""
    statement = insert(BillingNotice).values(customer_id=customer_id, due_at=now())
    again = {"noted": BillingNotice.noted + 1, "due_at": now(), "tries": 0}
    session.execute(statement.on_conflict_do_update(index_elements=["customer_id"], set_=again))


def take(session: Session, limit: int, lease: timedelta, customer_id: str | None = None) -> Sequence[BillingNotice]:
    """Notices that are due, for this process alone until the lease ends; only a certain customer's, if one is named."""
    free = or_(BillingNotice.leased_until.is_(None), BillingNotice.leased_until <= now())
    wanted = select(BillingNotice.customer_id).where(BillingNotice.due_at <= now(), free)
    if customer_id is not None:
        wanted = wanted.where(BillingNotice.customer_id == customer_id)
    due = wanted.order_by(BillingNotice.due_at).limit(limit).with_for_update(skip_locked=True)
    taken = update(BillingNotice).where(BillingNotice.customer_id.in_(due.scalar_subquery()))
    return session.scalars(taken.values(leased_until=now() + lease).returning(BillingNotice)).all()


def done(session: Session, notice: BillingNotice) -> None:
    """Forget a notice; one that came again meanwhile stays, and is due."""
    own = BillingNotice.customer_id == notice.customer_id
    session.execute(delete(BillingNotice).where(own, BillingNotice.noted == notice.noted))
    session.execute(update(BillingNotice).where(own).values(leased_until=None))


def put_off(session: Session, notice: BillingNotice, pause: timedelta) -> None:
    """Try again after a pause."""
    own = BillingNotice.customer_id == notice.customer_id
    values = {"due_at": now() + pause, "leased_until": None, "tries": BillingNotice.tries + 1}
    session.execute(update(BillingNotice).where(own).values(**values))
