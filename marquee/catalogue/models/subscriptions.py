"""Subscriptions of accounts."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now, sharded


class SubscriptionRow(Base):
    """The plan of an account and how it stands; an account without one has no row."""

    __tablename__ = "subscriptions"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    plan: Mapped[str]
    state: Mapped[str]  # contracts.plans.SubscriptionState
    provider: Mapped[str]  # who changes it: staff, trial, or a billing provider
    started_at: Mapped[datetime] = mapped_column(default=now)
    ends_at: Mapped[datetime | None]  # of a trial
    provider_id: Mapped[str | None]  # the provider's id of it; the terms below are its as well
    currency: Mapped[str | None]
    amount: Mapped[int | None]  # a month, in the currency's smallest unit
    renews_at: Mapped[datetime | None]
    cancels_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]  # when a payment that failed is tried again
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    __table_args__ = sharded("account_id")
