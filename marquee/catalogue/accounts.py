"""Accounts: opened, found by id or address, changed, deleted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import (
    AccountRow,
    AuditEntry,
    DeviceRow,
    EmailAddress,
    MailRow,
    OneTimeLink,
    RecoveryCode,
    TotpRow,
    now,
)
from marquee.contracts.errors import NotFound
from marquee.contracts.ids import new_id
from marquee.contracts.members import Origin, Role


def open_account(
    session: Session, address: str, password_hash: str | None, *, language: str = "en", origin: Origin = Origin.ACCOUNT
) -> AccountRow | None:
    """A new account that owns the address; None when the address has an account already."""
    account_id = new_id()
    if not _claim(session, address, account_id):
        return None
    row = AccountRow(id=account_id, email=address, password_hash=password_hash, language=language, origin=origin)
    session.add(row)
    session.flush()
    return row


def _claim(session: Session, address: str, account_id: int) -> bool:
    claim = insert(EmailAddress).values(address=address, account_id=account_id)
    claimed = session.scalar(claim.on_conflict_do_nothing().returning(EmailAddress.account_id))
    return claimed is not None


def get(session: Session, account_id: int, *, lock: bool = False) -> AccountRow:
    """An account; with `lock` nobody else changes it before the transaction ends. Raises NotFound."""
    wanted = select(AccountRow).where(AccountRow.id == account_id)
    if row := session.scalar(wanted.with_for_update(key_share=True) if lock else wanted):
        return row
    raise NotFound("no such account", where="account_id", got=str(account_id))


def by_address(session: Session, address: str) -> AccountRow | None:
    """The account that owns an address."""
    account_id = session.scalar(select(EmailAddress.account_id).where(EmailAddress.address == address))
    if account_id is None:
        return None
    return session.scalar(select(AccountRow).where(AccountRow.id == account_id))


def by_billing_customer(session: Session, account_id: int, customer_id: str) -> AccountRow | None:
    """The account, if that is its customer at the payment provider."""
    own = AccountRow.id == account_id, AccountRow.billing_customer == customer_id
    return session.scalar(select(AccountRow).where(*own))


def set_password(session: Session, account_id: int, password_hash: str | None) -> None:
    """Replace the hash; with None no password opens the account."""
    session.execute(update(AccountRow).where(AccountRow.id == account_id).values(password_hash=password_hash))


def verify_address(session: Session, account_id: int) -> bool:
    """Note that the address is the account's own; False when that was known."""
    wanted = AccountRow.id == account_id, AccountRow.email_verified_at.is_(None)
    done = session.scalar(update(AccountRow).where(*wanted).values(email_verified_at=now()).returning(AccountRow.id))
    return done is not None


def change_address(session: Session, account_id: int, address: str) -> bool:
    """Give the account another address, which is verified; False when that is another account's."""
    row = get(session, account_id)
    if not _claim(session, address, account_id):
        return row.email == address
    owned = EmailAddress.address == row.email, EmailAddress.account_id == account_id
    session.execute(delete(EmailAddress).where(*owned))
    row.email, row.email_verified_at = address, now()
    return True


def lock(session: Session, account_id: int, reason: str | None) -> None:
    """Lock an account for a reason, or unlock it with None."""
    values = {"locked_at": now() if reason else None, "lock_reason": reason}
    session.execute(update(AccountRow).where(AccountRow.id == account_id).values(**values))


def delete_at(session: Session, account_id: int, at: datetime | None) -> bool:
    """Say when the account is to be deleted, or with None that it stays; whether that is new."""
    wanted = AccountRow.id == account_id, AccountRow.delete_at.is_distinct_from(at)
    return session.scalar(update(AccountRow).where(*wanted).values(delete_at=at).returning(AccountRow.id)) is not None


def due_for_deletion(session: Session, limit: int) -> Sequence[int]:
    """Accounts whose time is over: asks all shards, for the upkeep."""
    due = select(AccountRow.id).where(AccountRow.delete_at <= now()).order_by(AccountRow.delete_at).limit(limit)
    return session.scalars(due).all()


def erase(session: Session, account_id: int, address: str | None) -> None:
    """Delete an account and all that names it; its profiles, with what is theirs, go by their foreign keys."""
    if address is not None:
        owned = EmailAddress.address == address, EmailAddress.account_id == account_id
        session.execute(delete(EmailAddress).where(*owned))
    for table in (DeviceRow, OneTimeLink, AuditEntry, TotpRow, RecoveryCode, MailRow):
        session.execute(delete(table).where(table.account_id == account_id))
    session.execute(delete(AccountRow).where(AccountRow.id == account_id))


def set_role(session: Session, account_id: int, role: Role) -> None:
    """Give an account another role."""
    session.execute(update(AccountRow).where(AccountRow.id == account_id).values(role=role))
