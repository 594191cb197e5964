"""Profiles, what they picked at onboarding, and which were deleted."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class ProfileRow(Base):
    """A viewer. `origin` tells real viewers from the demo's and simulated ones."""

    __tablename__ = "profiles"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    languages: Mapped[list[str]]
    kids: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[str]  # demo, account, simulated, imported
    country: Mapped[str | None]
    device: Mapped[str | None]  # the most used, where it is known beforehand
    traits: Mapped[list[str]] = mapped_column(default=list, server_default="[]")  # further features, as name=value
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index("uq_profiles_demo", "origin", unique=True, postgresql_where="origin = 'demo'"),)


class ProfilePick(Base):
    """A title chosen at onboarding: what a new profile is recommended from until it has watched."""

    __tablename__ = "profile_picks"
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id", ondelete="CASCADE"), primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)


class DeletedProfile(Base):
    """A profile that was deleted: what still names it is removed from the lake at the next run."""

    __tablename__ = "deleted_profiles"
    profile_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, server_default=func.now())
    scrubbed_at: Mapped[datetime | None]
