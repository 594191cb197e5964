"""Second factors: one-time passwords by time, and recovery codes."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, sharded


class TotpRow(Base):
    """An authenticator app's secret (RFC 6238), sealed. `last_step` is that of the last code taken."""

    __tablename__ = "totp"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    sealed_secret: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
    __table_args__ = sharded("account_id")


class RecoveryCode(Base):
    """A code for when the app is lost; each has 80 random bits, so a plain hash keeps it."""

    __tablename__ = "recovery_codes"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    code_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]
    __table_args__ = sharded("account_id")
