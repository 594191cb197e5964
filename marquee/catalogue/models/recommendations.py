"""Published recommendations, a partition per generation."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class Generation(Base):
    """One publication of recommendations. The API answers from the one that `live` marks, whole."""

    __tablename__ = "generations"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    model: Mapped[str]  # name and version in the registry
    audience: Mapped[str]
    live: Mapped[bool] = mapped_column(default=False)
    profiles: Mapped[int] = mapped_column(default=0)
    titles: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    switched_at: Mapped[datetime | None]
    __table_args__ = (Index("uq_generations_live", "live", unique=True, postgresql_where="live"),)


class Recommendation(Base):
    """The best titles of a profile, best first. A partition per generation, so that an old one is dropped at once."""

    __tablename__ = "recommendations"
    generation_id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[int] = mapped_column(primary_key=True)
    title_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    __table_args__ = {"postgresql_partition_by": "LIST (generation_id)"}  # noqa: RUF012 (read by SQLAlchemy)


class SimilarTitles(Base):
    """The titles most like one, best first."""

    __tablename__ = "similar_titles"
    generation_id: Mapped[int] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(primary_key=True)
    title_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    __table_args__ = {"postgresql_partition_by": "LIST (generation_id)"}  # noqa: RUF012 (read by SQLAlchemy)
