"""What the streaming job saw, minute by minute."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marquee.catalogue.models import LiveMetric, now

ALL_EDGES = "*"
FRESH = timedelta(minutes=5)  # older figures say nothing about now: the job has stopped, or nobody watches


def last_hour(session: Session) -> Sequence[LiveMetric]:
    """Every figure of the last 60 minutes, oldest first."""
    recent = select(LiveMetric).where(LiveMetric.minute > now() - timedelta(hours=1))
    return session.scalars(recent.order_by(LiveMetric.minute, LiveMetric.metric, LiveMetric.edge)).all()


def newest(session: Session) -> Sequence[LiveMetric]:
    """The figures of the newest minute; none when it is older than five minutes."""
    latest = select(func.max(LiveMetric.minute)).where(LiveMetric.minute > now() - FRESH).scalar_subquery()
    return session.scalars(select(LiveMetric).where(LiveMetric.minute == latest)).all()
