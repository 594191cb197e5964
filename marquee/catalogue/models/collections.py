"""Collections: titles that people have put together, for a time."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class CollectionRow(Base):
    """A list of titles with words of its own. Viewers see it from `start` on and until `end`; open where there is none.

    What it holds is shown to whom each title is shown; it opens nothing.
    """

    __tablename__ = "collections"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int] = mapped_column(default=0)  # among collections, the lowest first
    original_language: Mapped[str]
    start: Mapped[datetime | None]
    end: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    texts: Mapped[list["CollectionText"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    titles: Mapped[list["CollectionTitle"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="CollectionTitle.position"
    )


class CollectionText(Base):
    __tablename__ = "collection_texts"
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]


class CollectionTitle(Base):
    __tablename__ = "collection_titles"
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"), index=True)
