"""Playback sessions as granted."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.catalogue.models.profiles import OF_PROFILE
from marquee.contracts.ids import new_id


class PlaybackSessionRow(Base):
    """One playback as granted: bound to the release that was current when it began.

    Keyed by its own id, which is all that events name; `StreamRow` is what an account is asked for.
    """

    __tablename__ = "playback_sessions"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[int]
    profile_id: Mapped[int]
    device_id: Mapped[int] = mapped_column(default=0, server_default="0")  # where the account is signed in
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"))
    idempotency_key: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    stopped: Mapped[bool] = mapped_column(default=False, server_default="false")  # from another device
    prepared: Mapped[bool] = mapped_column(default=False, server_default="false")  # and not begun: has no place
    device: Mapped[str] = mapped_column(default="unknown", server_default="unknown")
    country: Mapped[str] = mapped_column(default="ZZ", server_default="ZZ")
    isp: Mapped[str] = mapped_column(default="unknown", server_default="unknown")
    __table_args__ = (
        UniqueConstraint("profile_id", "idempotency_key"),
        ForeignKeyConstraint(*OF_PROFILE, ondelete="CASCADE"),
        Index("ix_playback_sessions_account_id", "account_id", "profile_id"),
    )
