"""E-mail that waits to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class MailRow(Base):
    """A message to be written and sent. It holds no link: links are made when it is sent.

    A message without an account is for an address that somebody typed; whether it has an account is looked up then.
    """

    __tablename__ = "mails"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[int | None]
    address: Mapped[str]
    kind: Mapped[str]
    language: Mapped[str]
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime] = mapped_column(default=now, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
