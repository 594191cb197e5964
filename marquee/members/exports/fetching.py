"""Fetching a copy, by the link of its message and as the member it is about.

The link is spent for a ticket of a few minutes, so that a download that breaks off can be begun again.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy.orm import Session

from marquee.catalogue import audit, exports, one_time_links
from marquee.catalogue.database import begin
from marquee.catalogue.models import ExportRow, now
from marquee.contracts.errors import NotFound
from marquee.contracts.members import AuditKind, Caller, ExportState, LinkPurpose, Member
from marquee.members import tokens
from marquee.members.errors import ExportExpired, ExportUnderWay, LinkOfAnother, LinkSpent
from marquee.members.exports import files
from marquee.members.exports.asking import UNDER_WAY, state_of
from marquee.members.tokens import TokenAudience
from marquee.storage import BLOCK

TICKET = timedelta(minutes=5)
GONE = "this copy is not there any more; ask for another one"


class Ticket(NamedTuple):
    """What a download is begun with, as often as needed until it expires; `size` in bytes."""

    ticket: str
    expires_at: datetime
    size: int


class Download(NamedTuple):
    """The archive: its name for the member, its size in bytes, and its content, to be read once."""

    name: str
    size: int
    content: Iterator[bytes]


def ticket(member: Member, token: str) -> Ticket:
    """Spend the link for a ticket.

    Raises LinkOfAnother, ExportUnderWay, ExportExpired, LinkSpent; none of them spends a link.
    """
    if one_time_links.account_of(token) not in {None, member.account_id}:
        raise LinkOfAnother("this link was sent to another account", where="token")
    with begin() as session:
        row = _lying(session, member.account_id)
        if one_time_links.use(session, token, LinkPurpose.EXPORT) is None:
            raise LinkSpent("this link was used or has expired", where="token")
    expires_at = now() + TICKET
    claims = {"eid": str(row.id), "did": str(member.device_id)}
    made = tokens.issue(TokenAudience.EXPORT, member.account_id, expires_at=expires_at, **claims)
    return Ticket(made, expires_at, row.size or 0)


def holder(ticket: str) -> Member:
    """Whom a ticket was given to. Raises Unauthorised."""
    claims = _claims(ticket)
    return Member(claims["sub"], claims["did"])


def _claims(ticket: str) -> dict[str, Any]:
    return tokens.read(TokenAudience.EXPORT, ticket, "eid", "did")


def download(wanted: str, caller: Caller) -> Download:
    """The archive for a ticket of a sign-in that goes on; it stands in the audit trail.

    Raises Unauthorised, ExportUnderWay, ExportExpired.
    """
    claims = _claims(wanted)
    with begin() as session:
        row = _lying(session, claims["sub"])
        if row.id != claims["eid"]:
            raise ExportExpired(GONE)
        content = _open(row)
        audit.write(session, row.account_id, AuditKind.EXPORT_FETCHED, caller)
    return Download(f"marquee-{row.asked_at:%Y-%m-%d}.zip", row.size or 0, _blocks(content))


def _lying(session: Session, account_id: int) -> ExportRow:
    row = exports.get(session, account_id)
    state = None if row is None else state_of(row)
    if state in UNDER_WAY:
        raise ExportUnderWay("a copy is being made; its message has another link")
    if row is None or state is not ExportState.READY:
        raise ExportExpired(GONE)
    return row


def _open(row: ExportRow) -> BinaryIO:
    try:
        return files.store().open(files.making(row).key)
    except NotFound:
        raise ExportExpired(GONE) from None


def _blocks(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while block := content.read(BLOCK):
            yield block
