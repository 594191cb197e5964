"""The audit trail of accounts."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now, sharded
from marquee.contracts.ids import new_id


class AuditEntry(Base):
    """Something that happened to an account. `actor` is the account that did it, where that is another (staff)."""

    __tablename__ = "audit_entries"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str]
    device: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="ZZ")
    actor: Mapped[str | None]
    detail: Mapped[str] = mapped_column(default="")
    __table_args__ = sharded("account_id")
