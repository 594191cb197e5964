"""Streams: what the devices of an account are playing."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now, sharded
from marquee.catalogue.models.profiles import OF_PROFILE


class StreamRow(Base):
    """A playback session that counts against the plan's streams, until it ends or its heartbeats stop.

    It has the session's id, and stands with the account so that counting asks one shard.
    """

    __tablename__ = "streams"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[int]
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"))
    device_id: Mapped[int]
    device: Mapped[str]  # in words
    started_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (ForeignKeyConstraint(*OF_PROFILE, ondelete="CASCADE"), sharded("account_id"))
