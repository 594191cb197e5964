"""Previews: a release that somebody of the staff watches before viewers may."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class PreviewRow(Base):
    """A link that opens one release once, and the playback that it has opened: both have this id.

    No household is behind it, so nothing that counts viewing finds it. Of the link's secret only the SHA-256 is kept.
    """

    __tablename__ = "previews"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"))
    actor: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=now)
    secret_sha256: Mapped[bytes]
    link_until: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]  # of the playback
    ended_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(default="unknown", server_default="unknown")
    country: Mapped[str] = mapped_column(default="ZZ", server_default="ZZ")
