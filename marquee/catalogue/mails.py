"""The queue of e-mail: put in with what it tells of, in one transaction; taken out by any process that sends."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from marquee.catalogue.models import AccountRow, MailRow, now
from marquee.contracts.members import MailKind


def put(
    session: Session, kind: MailKind, address: str, *, account_id: int | None, language: str, **details: Any
) -> None:
    """Queue a message; it is sent once the transaction is committed."""
    session.add(MailRow(account_id=account_id, address=address, kind=kind, language=language, details=details))


def tell(session: Session, kind: MailKind, account: AccountRow, **details: Any) -> None:
    """Queue a message to an account's address, where it has one, in its language."""
    if account.email:
        put(session, kind, account.email, account_id=account.id, language=account.language, **details)


def take(session: Session, limit: int, lease: timedelta) -> Sequence[MailRow]:
    """Messages that are due, for this process alone until the lease ends."""
    due = (
        select(MailRow.id)
        .where(MailRow.due_at <= now())
        .order_by(MailRow.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = update(MailRow).where(MailRow.id.in_(due.scalar_subquery())).values(due_at=now() + lease)
    return session.scalars(taken.returning(MailRow)).all()


def sent(session: Session, mail_id: int) -> None:
    """Forget a message that was handed over."""
    session.execute(delete(MailRow).where(MailRow.id == mail_id))


def put_off(session: Session, mail_id: int, error: str, pause: timedelta) -> None:
    """Try again after a pause."""
    values = {"due_at": now() + pause, "tries": MailRow.tries + 1, "last_error": error}
    session.execute(update(MailRow).where(MailRow.id == mail_id).values(**values))
