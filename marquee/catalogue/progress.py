"""Progress: where a profile is in a title."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import Progress
from marquee.catalogue.rows import Ask

BLOCK = 5_000  # rows of one statement


PLACE = """
    select position_ms from progress where account_id = $1::bigint and profile_id = $2::bigint and title_id = $3::bigint
"""


def position_ms(session: Session, account_id: int, profile_id: int, title_id: int) -> int:
    """The remembered position, 0 when there is none."""
    row = session.get(Progress, (account_id, profile_id, title_id))
    return row.position_ms if row else 0


async def place(ask: Ask, account_id: int, profile_id: int, title_id: int) -> int:
    """The same in the event loop."""
    rows = await ask(PLACE, account_id, profile_id, title_id)
    return rows[0][0] if rows else 0


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
