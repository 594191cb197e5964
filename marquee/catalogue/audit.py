"""The audit trail: written with what it tells of, in one transaction."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from marquee.catalogue.models import AuditEntry
from marquee.contracts.members import AuditKind, Caller


def write(
    session: Session,
    account_id: int,
    kind: AuditKind,
    caller: Caller | None = None,
    *,
    actor: str | None = None,
    detail: str = "",
) -> None:
    """Add an entry. `caller` is where the request came from; a command line has none."""
    device, country = (caller.name or caller.device, caller.country) if caller else ("", "ZZ")
    session.add(
        AuditEntry(account_id=account_id, kind=kind, device=device, country=country, actor=actor, detail=detail)
    )


def listed(session: Session, account_id: int, *, before: int | None = None, limit: int = 50) -> Sequence[AuditEntry]:
    """Entries of an account, the newest first; `before` is the id after which a page goes on."""
    wanted = select(AuditEntry).where(AuditEntry.account_id == account_id)
    if before is not None:
        wanted = wanted.where(AuditEntry.id < before)
    return session.scalars(wanted.order_by(AuditEntry.id.desc()).limit(limit)).all()
