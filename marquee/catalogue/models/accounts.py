"""Accounts, and which e-mail address belongs to which."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now, sharded
from marquee.contracts.ids import new_id


class AccountRow(Base):
    """A household. An account without a password cannot log in by one: simulated and imported ones have none."""

    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str | None]
    password_hash: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en", server_default="en")
    role: Mapped[str] = mapped_column(default="member", server_default="member")
    origin: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    email_verified_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    lock_reason: Mapped[str | None]
    delete_at: Mapped[datetime | None]  # when it is deleted, unless that is taken back before
    billing_customer: Mapped[str | None]  # the payment provider's id of it
    __table_args__ = (
        Index("ix_accounts_delete_at", "delete_at", postgresql_where="delete_at is not null"),
        sharded("id"),
    )


class EmailAddress(Base):
    """The index from addresses to accounts: the one table that a log-in asks without knowing the account.

    `address` is in lower case; it is unique, which a partitioned `accounts.email` could not be.
    """

    __tablename__ = "email_addresses"
    address: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    __table_args__ = sharded("address")
