"""Progress: where a profile is in a title."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import Progress, now

BLOCK = 5_000  # rows of one statement


def save(session: Session, account_id: int, profile_id: int, title_id: int, position_ms: int) -> None:
    """Remember a position in a title."""
    statement = insert(Progress).values(
        account_id=account_id, profile_id=profile_id, title_id=title_id, position_ms=position_ms
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "profile_id", "title_id"],
            set_={"position_ms": position_ms, "updated_at": now()},
        )
    )


def position_ms(session: Session, account_id: int, profile_id: int, title_id: int) -> int:
    """The remembered position, 0 when there is none."""
    row = session.get(Progress, (account_id, profile_id, title_id))
    return row.position_ms if row else 0


def listed(session: Session, account_id: int, profile_id: int) -> Sequence[Progress]:
    """What a profile has watched, the last first."""
    own = Progress.account_id == account_id, Progress.profile_id == profile_id
    return session.scalars(select(Progress).where(*own).order_by(Progress.updated_at.desc(), Progress.title_id)).all()


def forget(session: Session, account_id: int, profile_id: int, title_id: int | None = None) -> int:
    """Forget the place in one title, or in all; how many there were."""
    own = [Progress.account_id == account_id, Progress.profile_id == profile_id]
    if title_id is not None:
        own.append(Progress.title_id == title_id)
    return len(session.scalars(delete(Progress).where(*own).returning(Progress.title_id)).all())


def replace(session: Session, account_ids: Sequence[int], rows: Sequence[dict[str, Any]]) -> None:
    """Put rows of these accounts in place of all that they have."""
    session.execute(delete(Progress).where(Progress.account_id.in_(account_ids)))
    for start in range(0, len(rows), BLOCK):
        session.execute(insert(Progress).values(rows[start : start + BLOCK]))
