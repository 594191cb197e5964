"""Titles, with texts, genres, credits and availability windows."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id

if TYPE_CHECKING:
    from marquee.catalogue.models.releases import ReleaseRow


class TitleState(StrEnum):
    """Where a title stands between delivery and viewers."""

    PROCESSING = "processing"  # accepted, not yet published
    ON_HOLD = "on_hold"  # QC asks a person
    REJECTED = "rejected"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # by a person, until a person restores it
    DELETING = "deleting"  # gone for viewers; its bytes and rows go at `delete_at`


class Title(Base):
    """A film, an episode or a trailer. Viewers see the release that `current_release_id` points to, and no other."""

    __tablename__ = "titles"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    original_language: Mapped[str]
    year: Mapped[int]
    maturity_rating: Mapped[str]
    ratings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # labels by board
    countries: Mapped[list[str]]
    series: Mapped[str | None]
    season: Mapped[int | None]
    number: Mapped[int | None]
    trailer_of: Mapped[str | None]  # the slug of its title, which may come later
    state: Mapped[str] = mapped_column(default=TitleState.PROCESSING)
    state_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # grows with each change of it by people
    shown_from: Mapped[datetime | None]  # nobody sees it before, whatever its windows say
    delete_at: Mapped[datetime | None]
    purge_asked_at: Mapped[datetime | None]  # its files are to leave the caches
    delivered_at: Mapped[datetime] = mapped_column(default=now, server_default=func.now())
    delivered: Mapped[dict[str, Any] | None]  # the fields as last delivered; None: nobody has changed them
    edited: Mapped[list[str]] = mapped_column(default=list, server_default="[]")  # fields that are a person's
    marks: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # a person's, by the source's hash
    artwork: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # a person's, by kind
    artwork_changed_at: Mapped[datetime | None]  # pictures that are not shown any more are to be deleted
    fingerprint: Mapped[str]  # of the delivery that the metadata came from
    origin: Mapped[str] = mapped_column(default="delivered", server_default="delivered")  # or simulated
    current_release_id: Mapped[int | None] = mapped_column(
        ForeignKey("releases.id", use_alter=True, name="fk_titles_current_release_id_releases")
    )
    scheduled_release_id: Mapped[int | None] = mapped_column(
        ForeignKey("releases.id", use_alter=True, name="fk_titles_scheduled_release_id_releases", ondelete="SET NULL")
    )  # what viewers get from `scheduled_at` on
    scheduled_at: Mapped[datetime | None]
    scheduled_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    __table_args__ = (
        Index("ix_titles_series", "series", "season", "number"),
        Index("ix_titles_trailer_of", "trailer_of", postgresql_where="trailer_of is not null"),
        Index("ix_titles_delete_at", "delete_at", postgresql_where="delete_at is not null"),
        Index("ix_titles_scheduled_at", "scheduled_at", postgresql_where="scheduled_at is not null"),
        Index("ix_titles_artwork_changed_at", "artwork_changed_at", postgresql_where="artwork_changed_at is not null"),
        Index("ix_titles_purge_asked_at", "purge_asked_at", postgresql_where="purge_asked_at is not null"),
    )

    texts: Mapped[list["TitleText"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    genres: Mapped[list["TitleGenre"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="TitleGenre.position"
    )
    credits: Mapped[list["TitleCredit"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="TitleCredit.position"
    )
    windows: Mapped[list["AvailabilityWindow"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="AvailabilityWindow.id"
    )
    current_release: Mapped["ReleaseRow | None"] = relationship(foreign_keys=[current_release_id], lazy="joined")

    def text(self, language: str | None = None) -> "TitleText":
        """The text in the wanted language, else in the original one."""
        by_language = {t.language: t for t in self.texts}
        return by_language.get(language or "") or by_language[self.original_language]


class TitleText(Base):
    __tablename__ = "title_texts"
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    synopsis: Mapped[str | None]


class TitleGenre(Base):
    __tablename__ = "title_genres"
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)
    genre: Mapped[str] = mapped_column(primary_key=True, index=True)
    position: Mapped[int]


class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)


class TitleCredit(Base):
    __tablename__ = "title_credits"
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str]
    character: Mapped[str | None]
    person: Mapped[Person] = relationship(lazy="joined")


class AvailabilityWindow(Base):
    """When a title may be shown in a territory ("*" is the world)."""

    __tablename__ = "availability_windows"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
    territory: Mapped[str]
    start: Mapped[datetime | None]
    end: Mapped[datetime | None]
