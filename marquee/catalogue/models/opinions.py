"""What profiles have said of titles."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now, sharded
from marquee.catalogue.models.profiles import OF_PROFILE


class TitleOpinion(Base):
    """What a profile has said of a title: put on its list, a thumb up or down, hidden."""

    __tablename__ = "title_opinions"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[int] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)
    listed_at: Mapped[datetime | None]
    thumb: Mapped[str | None]  # up, down
    hidden: Mapped[bool] = mapped_column(default=False, server_default="false")
    updated_at: Mapped[datetime] = mapped_column(default=now, server_default=func.now(), onupdate=now)
    __table_args__ = (ForeignKeyConstraint(*OF_PROFILE, ondelete="CASCADE"), sharded("account_id"))
