"""Profiles of accounts, what they picked at onboarding, and which were deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now, sharded
from marquee.contracts.ids import new_id

OF_PROFILE = ["account_id", "profile_id"], ["profiles.account_id", "profiles.id"]


class ProfileRow(Base):
    """Somebody who watches in a household. `origin` is its account's: real, of the demo, simulated or imported."""

    __tablename__ = "profiles"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    languages: Mapped[list[str]]
    kids: Mapped[bool] = mapped_column(default=False)
    age_limit: Mapped[int | None]  # up to which titles are suitable; none is no limit
    avatar: Mapped[str] = mapped_column(default="violet", server_default="violet")
    pin_hash: Mapped[str | None]
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    origin: Mapped[str]
    country: Mapped[str | None]
    device: Mapped[str | None]  # the most used, where it is known beforehand
    traits: Mapped[list[str]] = mapped_column(default=list, server_default="[]")  # further features, as name=value
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = sharded("account_id")


class ProfilePick(Base):
    """A title chosen at onboarding: what a new profile is recommended from until it has watched."""

    __tablename__ = "profile_picks"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[int] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)
    __table_args__ = (ForeignKeyConstraint(*OF_PROFILE, ondelete="CASCADE"), sharded("account_id"))


class DeletedProfile(Base):
    """A profile that was deleted: what still names it is removed from the lake at the next run."""

    __tablename__ = "deleted_profiles"
    profile_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, server_default=func.now())
    scrubbed_at: Mapped[datetime | None]
