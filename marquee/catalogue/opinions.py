"""Opinions: what a profile has said of titles. Of what it has said nothing there is no row."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import TitleOpinion, now


def _own(account_id: int, profile_id: int) -> tuple[ColumnElement[bool], ...]:
    return TitleOpinion.account_id == account_id, TitleOpinion.profile_id == profile_id


def get(session: Session, account_id: int, profile_id: int, title_id: int) -> TitleOpinion | None:
    """What a profile has said of a title."""
    return session.scalar(select(TitleOpinion).where(*_own(account_id, profile_id), TitleOpinion.title_id == title_id))


def listed(session: Session, account_id: int, profile_id: int) -> Sequence[TitleOpinion]:
    """All that a profile has said, the last first."""
    wanted = select(TitleOpinion).where(*_own(account_id, profile_id))
    return session.scalars(wanted.order_by(TitleOpinion.updated_at.desc(), TitleOpinion.title_id)).all()


def put(session: Session, account_id: int, profile_id: int, title_id: int, **values: Any) -> None:
    """Note some of what a profile says of a title (`listed_at`, `thumb`, `hidden`); the rest stays as it is."""
    statement = insert(TitleOpinion).values(account_id=account_id, profile_id=profile_id, title_id=title_id, **values)
    same = ["account_id", "profile_id", "title_id"]
    session.execute(statement.on_conflict_do_update(index_elements=same, set_={**values, "updated_at": now()}))
    said = or_(TitleOpinion.listed_at.is_not(None), TitleOpinion.thumb.is_not(None), TitleOpinion.hidden)
    own = *_own(account_id, profile_id), TitleOpinion.title_id == title_id
    session.execute(delete(TitleOpinion).where(*own, ~said))
