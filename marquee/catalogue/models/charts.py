"""Charts: lists that are the same for everybody in a territory."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now


class ChartEntry(Base):
    """A place in a list that is the same for everybody in a territory ("*" is the world); replaced as a whole."""

    __tablename__ = "chart_entries"
    chart: Mapped[str] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)  # from 1
    title_id: Mapped[int]  # no foreign key: a chart may name a title that has left, and is filtered when it is served
    value: Mapped[float]  # what it is ranked by
    made_at: Mapped[datetime] = mapped_column(default=now)
