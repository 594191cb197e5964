"""Where profiles are in titles."""

from datetime import datetime

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now


class Progress(Base):
    """Where a profile is in a title."""

    __tablename__ = "progress"
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id", ondelete="CASCADE"), primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)
    position_ms: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(default=now, server_default=func.now(), onupdate=now)
