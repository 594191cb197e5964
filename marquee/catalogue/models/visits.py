"""Visits: showings of the home page."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.catalogue.models.profiles import OF_PROFILE
from marquee.contracts.ids import new_id


class VisitRow(Base):
    """One showing of the home page: whom it was for, so that the events of the visit can be told whose they are."""

    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[int]
    profile_id: Mapped[int]
    device: Mapped[str] = mapped_column(default="unknown")
    country: Mapped[str] = mapped_column(default="ZZ")
    isp: Mapped[str] = mapped_column(default="unknown")
    started_at: Mapped[datetime] = mapped_column(default=now, index=True)
    __table_args__ = (
        ForeignKeyConstraint(*OF_PROFILE, ondelete="CASCADE"),
        Index("ix_visits_account_id", "account_id", "profile_id"),
    )
