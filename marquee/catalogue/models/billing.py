"""What accounts were charged, how their subscriptions changed, and which customers the provider spoke of.

Invoices, payments and changes outlive the account: with its deletion they get an id that nothing else knows.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now, sharded
from marquee.contracts.ids import new_id


class InvoiceRow(Base):
    """An invoice, as the provider last stated it. `taxes` is a list of contracts.billing.Tax under "lines"."""

    __tablename__ = "invoices"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    state: Mapped[str]
    plan: Mapped[str]
    currency: Mapped[str]
    subtotal: Mapped[int]
    discount: Mapped[int]
    total: Mapped[int]
    taxes: Mapped[dict[str, Any]]
    period_start: Mapped[datetime]
    period_end: Mapped[datetime]
    created_at: Mapped[datetime]
    __table_args__ = sharded("account_id")


class PaymentRow(Base):
    """One attempt at paying an invoice; `origin` is the account's."""

    __tablename__ = "payments"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[str] = mapped_column(primary_key=True)
    invoice_id: Mapped[str]
    origin: Mapped[str]
    plan: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[int]
    status: Mapped[str]  # contracts.billing.PaymentStatus
    period_start: Mapped[datetime]
    period_end: Mapped[datetime]
    at: Mapped[datetime]
    __table_args__ = sharded("account_id")


class SubscriptionChange(Base):
    """A change of plan or state; before the first both are null."""

    __tablename__ = "subscription_changes"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    origin: Mapped[str]
    provider: Mapped[str]
    from_plan: Mapped[str | None]
    from_state: Mapped[str | None]
    plan: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = sharded("account_id")


class BillingNotice(Base):
    """A customer whose record has changed at the provider and has to be read again, from `due_at` on."""

    __tablename__ = "billing_notices"
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    noted: Mapped[int] = mapped_column(default=1)  # how often; one that is noted while it is read is read once more
    due_at: Mapped[datetime] = mapped_column(default=now)
    leased_until: Mapped[datetime | None]  # until then one process reads it, and no other
    tries: Mapped[int] = mapped_column(default=0)
    __table_args__ = (Index("ix_billing_notices_due_at", "due_at"),)
