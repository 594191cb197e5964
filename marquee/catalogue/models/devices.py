"""Devices: where an account is signed in."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now, sharded
from marquee.contracts.ids import new_id


class DeviceRow(Base):
    """One log-in on one device. Its refresh tokens are a family: each has a generation, and only the newest is good."""

    __tablename__ = "devices"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    generation: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str]  # tv, desktop, tablet, phone, unknown
    name: Mapped[str]
    country: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    profile_id: Mapped[int | None]  # who watches there; none before one was chosen
    __table_args__ = sharded("account_id")
