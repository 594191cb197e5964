"""Releases, their content keys, and the history of publications."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Computed, ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class ReleaseState(StrEnum):
    """Whether viewers can be pointed at a release."""

    BUILDING = "building"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # its bytes are collected


class ReleaseRow(Base):
    """A release. `document` is release.json once it is packaged."""

    __tablename__ = "releases"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
    plan: Mapped[str]
    fingerprint: Mapped[str]  # of the delivery it was made from
    state: Mapped[str] = mapped_column(default=ReleaseState.BUILDING)
    source: Mapped[str | None]  # hash of the film it was made from
    document: Mapped[dict[str, Any] | None]
    outline: Mapped[dict[str, Any] | None] = mapped_column(
        Computed("document - 'files'", persisted=True), deferred=True
    )  # the document without its thousands of files
    codecs: Mapped[list[str] | None] = mapped_column(
        Computed("jsonb_path_query_array(document, '$.video[*].codec')", persisted=True), deferred=True
    )
    scheme: Mapped[str | None] = mapped_column(
        Computed("document ->> 'scheme'", persisted=True), deferred=True
    )  # of its encryption
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("title_id", "plan", "fingerprint"),
        Index("ix_releases_codecs", "codecs", postgresql_using="gin"),
    )


class Publication(Base):
    """The history of a title's pointer: every publication and rollback, and who asked for it."""

    __tablename__ = "publications"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"))
    action: Mapped[str]  # publish, rollback
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class ContentKeyRow(Base):
    """A content key, wrapped under the master key; never in the clear."""

    __tablename__ = "content_keys"
    kid: Mapped[str] = mapped_column(primary_key=True)  # 32 hex digits
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), index=True)
    track_type: Mapped[str]
    scheme: Mapped[str] = mapped_column(default="", server_default="")  # empty: the release's only one
    crypto_period: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")  # counted from 0
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("release_id", "track_type", "scheme", "crypto_period"),)
