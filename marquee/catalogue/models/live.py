"""Live figures, minute by minute."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base


class LiveMetric(Base):
    """What the streaming job saw in one minute (UTC), by edge ("*" is all of them)."""

    __tablename__ = "live_metrics"
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)  # as spark_jobs.live and contracts.alarms name them
    edge: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]
