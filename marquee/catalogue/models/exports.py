"""Copies of what is kept of a member, for the member."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now, sharded
from marquee.contracts.ids import new_id


class ExportRow(Base):
    """The latest copy that an account has asked for; another one takes its place."""

    __tablename__ = "exports"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[int] = mapped_column(default=new_id)
    state: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime] = mapped_column(default=now)  # when it is to be made, or made again
    attempt: Mapped[int] = mapped_column(default=0)  # each writes a file of its own
    last_error: Mapped[str | None]
    size: Mapped[int | None]  # bytes
    expires_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_exports_due_at", "due_at", postgresql_where="state in ('asked', 'making')"),
        sharded("account_id"),
    )
