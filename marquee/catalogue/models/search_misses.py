"""Searches that found nothing, counted by day; who searched is not kept."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base


class SearchMiss(Base):
    """A query that no title answers, folded, in a territory and a language on a day (UTC).

    Each who asks sets a bit of `askers` (marquee/discovery/misses.py). The view `search_misses` adds up the last thirty
    days of what several people have asked.
    """

    __tablename__ = "search_miss_counts"
    day: Mapped[date] = mapped_column(primary_key=True)
    query: Mapped[str] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int] = mapped_column(default=1)
    askers: Mapped[int] = mapped_column(default=0, server_default="0")
