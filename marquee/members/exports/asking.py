"""Asking for a copy, and how it stands with it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from marquee.catalogue import accounts, audit, exports, mails, one_time_links
from marquee.catalogue.database import begin
from marquee.catalogue.models import ExportRow, now
from marquee.contracts.errors import NotFound
from marquee.contracts.members import AuditKind, Caller, ExportState, LinkPurpose, MailKind, Member, Proof
from marquee.members import confirmation
from marquee.members.errors import ExportTooSoon, ExportUnderWay
from marquee.members.exports import files

PAUSE = timedelta(days=1)  # between two copies
UNDER_WAY = {ExportState.ASKED, ExportState.MAKING}


class Status(NamedTuple):
    """How it stands with the latest copy; `next_at` is from when on another one may be asked for."""

    state: ExportState
    asked_at: datetime
    next_at: datetime
    size: int | None
    expires_at: datetime | None


def state_of(row: ExportRow) -> ExportState:
    """The state as of now: a copy has had its time before the upkeep comes by."""
    over = row.state == ExportState.READY and row.expires_at is not None and row.expires_at <= now()
    return ExportState.EXPIRED if over else ExportState(row.state)


def status(member: Member) -> Status | None:
    """How it stands with the latest copy; None before the first."""
    with begin() as session:
        row = exports.get(session, member.account_id)
    return None if row is None else Status(state_of(row), row.asked_at, _next_at(row), row.size, row.expires_at)


def ask(member: Member, proof: Proof, caller: Caller) -> None:
    """Have a copy made, in place of the one before, whose file goes at once.

    Raises WrongCredentials, WrongPasskey, TooManyAttempts, ExportUnderWay, ExportTooSoon.
    """
    confirmation.of_owner(member.account_id, proof, caller)
    with begin() as session:
        accounts.get(session, member.account_id, lock=True)  # so that of two who ask at once one sees the other
        before = exports.get(session, member.account_id)
        _check(before)
        exports.ask(session, member.account_id)
        one_time_links.forget(session, member.account_id, LinkPurpose.EXPORT)
        audit.write(session, member.account_id, AuditKind.EXPORT_ASKED, caller)
    files.remove(files.keys_of(before))


def send_again(member: Member) -> None:
    """Send another link to the copy; the one before works no more. Raises NotFound when no copy lies there."""
    with begin() as session:
        row = exports.get(session, member.account_id)
        if row is None or state_of(row) is not ExportState.READY:
            raise NotFound("no copy lies there")
        one_time_links.forget(session, member.account_id, LinkPurpose.EXPORT)
        announce(session, row)


def announce(session: Session, row: ExportRow) -> None:
    """Tell the member by e-mail that the copy is there, and until when."""
    account = accounts.get(session, row.account_id)
    if account.email and row.expires_at:
        details = {"export_id": str(row.id), "day": f"{row.expires_at:%Y-%m-%d}"}
        mails.put(
            session,
            MailKind.EXPORT_READY,
            account.email,
            account_id=account.id,
            language=account.language,
            **details,
        )


def _next_at(row: ExportRow) -> datetime:
    return row.asked_at if row.state == ExportState.FAILED else row.asked_at + PAUSE


def _check(before: ExportRow | None) -> None:
    if before is None:
        return
    if before.state in UNDER_WAY:
        raise ExportUnderWay("a copy is being made")
    if _next_at(before) > now():
        raise ExportTooSoon("a copy was asked for less than a day ago", _next_at(before))
