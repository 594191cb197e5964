"""Copies that members have asked for: one for each account, taken by the task that makes them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import ExportRow, now
from marquee.contracts.ids import new_id
from marquee.contracts.members import ExportState

OPEN = ExportRow.state.in_((ExportState.ASKED, ExportState.MAKING))


def get(session: Session, account_id: int) -> ExportRow | None:
    """The latest copy of an account, if it ever asked for one."""
    return session.scalar(select(ExportRow).where(ExportRow.account_id == account_id))


def ask(session: Session, account_id: int) -> None:
    """Have a copy made, in place of the one before."""
    fresh = {
        "id": new_id(),
        "state": ExportState.ASKED,
        "asked_at": now(),
        "due_at": now(),
        "attempt": 0,
        "last_error": None,
        "size": None,
        "expires_at": None,
    }
    statement = insert(ExportRow).values(account_id=account_id, **fresh)
    session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=fresh))


def due(session: Session) -> Sequence[ExportRow]:
    """Those to be made now, also those of a process that was killed: asks all shards, for the upkeep."""
    return session.scalars(select(ExportRow).where(OPEN, ExportRow.due_at <= now())).all()


def take(session: Session, attempts: int, lease: timedelta) -> ExportRow | None:
    """One that is due and was not tried so often, for this process alone until the lease ends. Asks all shards."""
    wanted = OPEN, ExportRow.due_at <= now(), ExportRow.attempt < attempts
    oldest = select(ExportRow.account_id).where(*wanted).order_by(ExportRow.due_at).limit(1)
    one = oldest.with_for_update(skip_locked=True).scalar_subquery()
    values = {"state": ExportState.MAKING, "attempt": ExportRow.attempt + 1, "due_at": now() + lease}
    taken = update(ExportRow).where(ExportRow.account_id == one).values(**values)
    return session.scalar(taken.returning(ExportRow))


def give_up(session: Session, attempts: int) -> Sequence[int]:
    """Try those no more that were tried so often; their ids. Asks all shards."""
    worn = OPEN, ExportRow.due_at <= now(), ExportRow.attempt >= attempts
    failed = update(ExportRow).where(*worn).values(state=ExportState.FAILED)
    return session.scalars(failed.returning(ExportRow.id)).all()


def ready(session: Session, account_id: int, export_id: int, attempt: int, size: int, expires_at: datetime) -> bool:
    """Note that a copy lies there; False when the account is gone, or another attempt has begun meanwhile."""
    values = {"state": ExportState.READY, "size": size, "expires_at": expires_at, "last_error": None}
    statement = update(ExportRow).where(*_attempt(account_id, export_id, attempt)).values(**values)
    return session.scalar(statement.returning(ExportRow.id)) is not None


def put_off(session: Session, account_id: int, export_id: int, attempt: int, error: str, until: datetime) -> None:
    """Try again later, unless another attempt has begun meanwhile."""
    values = {"state": ExportState.ASKED, "due_at": until, "last_error": error}
    session.execute(update(ExportRow).where(*_attempt(account_id, export_id, attempt)).values(**values))


def expire(session: Session) -> None:
    """Note which copies have had their time: asks all shards, for the upkeep."""
    over = ExportRow.state == ExportState.READY, ExportRow.expires_at <= now()
    session.execute(update(ExportRow).where(*over).values(state=ExportState.EXPIRED))


def _attempt(account_id: int, export_id: int, attempt: int) -> tuple[ColumnElement[bool], ...]:
    own = ExportRow.account_id == account_id, ExportRow.id == export_id
    return *own, ExportRow.attempt == attempt, ExportRow.state == ExportState.MAKING
