"""Progress: where a profile is in a title."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import Progress, now


def save(session: Session, profile_id: int, title_id: int, position_ms: int) -> None:
    """Remember a position in a title."""
    statement = insert(Progress).values(profile_id=profile_id, title_id=title_id, position_ms=position_ms)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["profile_id", "title_id"],
            set_={"position_ms": position_ms, "updated_at": now()},
        )
    )


def position_ms(session: Session, profile_id: int, title_id: int) -> int:
    """The remembered position, 0 when there is none."""
    row = session.get(Progress, (profile_id, title_id))
    return row.position_ms if row else 0


def replace(session: Session, profile_ids: Collection[int], rows: Sequence[dict[str, Any]]) -> None:
    """Put rows of these profiles in place of all that they have."""
    session.execute(delete(Progress).where(Progress.profile_id.in_(profile_ids)))
    if rows:
        session.execute(insert(Progress).values(rows))
