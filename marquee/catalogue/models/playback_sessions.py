"""Playback sessions as granted."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class PlaybackSessionRow(Base):
    """One playback as granted: bound to the release that was current when it began."""

    __tablename__ = "playback_sessions"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id", ondelete="CASCADE"), index=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"))
    idempotency_key: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(default="unknown", server_default="unknown")
    country: Mapped[str] = mapped_column(default="ZZ", server_default="ZZ")
    isp: Mapped[str] = mapped_column(default="unknown", server_default="unknown")
    __table_args__ = (UniqueConstraint("profile_id", "idempotency_key"),)
