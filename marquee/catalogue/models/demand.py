"""Forecasts of demand."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now


class DemandForecast(Base):
    """Plays expected of a title in a territory on a day (UTC)."""

    __tablename__ = "demand_forecasts"
    day: Mapped[date] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(primary_key=True)
    plays: Mapped[float]
    low: Mapped[float]  # bounds of the 80 % interval
    high: Mapped[float]
    model: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=now)
