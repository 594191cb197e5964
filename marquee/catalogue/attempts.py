"""Failed attempts, counted in the database so that all processes of the API share them."""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import AttemptRow, now


def blocked_until(session: Session, subjects: Collection[str]) -> datetime | None:
    """Until when the longest block of these subjects lasts; None when nothing blocks them."""
    wanted = AttemptRow.subject_sha256.in_([_key(s) for s in subjects]), AttemptRow.blocked_until > now()
    return session.scalar(select(func.max(AttemptRow.blocked_until)).where(*wanted))


def failed(session: Session, subject: str, *, free: int, longest: timedelta, memory: timedelta) -> None:
    """Count a failure. After `free` of them each doubles the pause, from 1 s to `longest`.

    What lies longer back than `memory` is forgotten.
    """
    at = now()
    fresh = AttemptRow.last_at < at - memory
    failures = case((fresh, 1), else_=AttemptRow.failures + 1)
    # The exponent is bounded before it is used, so that no count can overflow the power.
    seconds = func.least(func.power(2, func.least(failures - free, 30)), longest.total_seconds())
    pause = func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    until = case((failures > free, literal(at) + pause), else_=None)
    first = insert(AttemptRow).values(subject_sha256=_key(subject), failures=1, last_at=at, blocked_until=None)
    session.execute(
        first.on_conflict_do_update(
            index_elements=["subject_sha256"], set_={"failures": failures, "last_at": at, "blocked_until": until}
        )
    )


def clear(session: Session, subject: str) -> None:
    """Forget the failures of a subject."""
    session.execute(delete(AttemptRow).where(AttemptRow.subject_sha256 == _key(subject)))


def delete_old(session: Session, memory: timedelta) -> None:
    """Delete what no longer matters."""
    session.execute(delete(AttemptRow).where(AttemptRow.last_at < now() - memory))


def _key(subject: str) -> bytes:
    return hashlib.sha256(subject.encode()).digest()
