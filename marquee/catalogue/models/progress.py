"""Where profiles are in titles."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now, sharded
from marquee.catalogue.models.profiles import OF_PROFILE


class Progress(Base):
    """Where a profile is in a title."""

    __tablename__ = "progress"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[int] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)
    position_ms: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(default=now, server_default=func.now(), onupdate=now)
    __table_args__ = (ForeignKeyConstraint(*OF_PROFILE, ondelete="CASCADE"), sharded("account_id"))
