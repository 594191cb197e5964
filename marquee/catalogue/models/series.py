"""Series of which something is said; their episodes are titles that name them by slug."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class SeriesRow(Base):
    """What is said of a series, in the form of the sidecar. It shows nothing that no episode shows."""

    __tablename__ = "series"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=0)  # grows with each change
    description: Mapped[dict[str, Any]]  # contracts.series.SeriesDescription
    artwork: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by kind, its path on edges and its widths
    delivered: Mapped[dict[str, Any] | None]  # the fields as last delivered; None: never
    edited: Mapped[list[str]] = mapped_column(default=list)  # fields that are a person's
    fingerprint: Mapped[str | None]  # of the last delivery
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class SeriesVersion(Base):
    """One change of a series, which made this version of it; `changed` as in title versions."""

    __tablename__ = "series_versions"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    version: Mapped[int]
    action: Mapped[str]  # delivery, edit, artwork, undo
    changed: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("series_id", "version"),)
