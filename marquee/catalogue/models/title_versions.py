"""What people and deliveries have changed of titles."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class TitleVersion(Base):
    """One change of a title, which made this version of it.

    `changed` has, by field, its value `before` and `after`, and whether it was `edited` by a person before.
    """

    __tablename__ = "title_versions"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"))
    version: Mapped[int]
    action: Mapped[str]  # delivery, edit, artwork, undo, withdraw, restore, publish, delete, keep, track
    changed: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("title_id", "version"),)
