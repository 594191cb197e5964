"""Visits: showings of the home page."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from marquee.catalogue.models import VisitRow


def delete_before(session: Session, before: datetime) -> None:
    """Delete the visits that began before then: an event of theirs that still comes belongs to no known stream."""
    session.execute(delete(VisitRow).where(VisitRow.started_at < before))
