"""Visits: showings of the home page."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class VisitRow(Base):
    """One showing of the home page: whom it was for, so that the events of the visit can be told whose they are."""

    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(default="unknown")
    country: Mapped[str] = mapped_column(default="ZZ")
    isp: Mapped[str] = mapped_column(default="unknown")
    started_at: Mapped[datetime] = mapped_column(default=now, index=True)
