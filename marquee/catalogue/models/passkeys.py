"""Passkeys of accounts, and the challenges that were answered with them."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now, sharded
from marquee.contracts.ids import new_id


class PasskeyRow(Base):
    """The public half of a passkey (WebAuthn); the authenticator names it by `credential_id`."""

    __tablename__ = "passkeys"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    credential_id: Mapped[bytes]
    public_key: Mapped[bytes]
    sign_count: Mapped[int]  # of the authenticator; 0 where it does not count
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("account_id", "credential_id"), sharded("account_id"))


class SpentChallenge(Base):
    """A challenge that was answered: its answer opens nothing a second time."""

    __tablename__ = "spent_challenges"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    challenge_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = sharded("account_id")
