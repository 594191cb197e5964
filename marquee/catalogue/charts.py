"""Charts: lists that are the same for everybody in a territory."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import ChartEntry, now


def replace(session: Session, entries: Sequence[Mapping[str, Any]]) -> None:
    """Put these entries (chart, territory, rank, title_id, value) in place of all charts."""
    made = now()
    session.execute(delete(ChartEntry))
    if entries:
        session.execute(insert(ChartEntry), [{**entry, "made_at": made} for entry in entries])
