"""Experiments: A/B tests of rows."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now


class Experiment(Base):
    """An A/B test of rows. A profile's arm follows from the salt and its id alone; see ml.serving."""

    __tablename__ = "experiments"
    name: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[str]
    arms: Mapped[dict[str, Any]]  # arm to its share; the first is the control
    active: Mapped[bool] = mapped_column(default=True)
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
