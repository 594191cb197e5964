"""What staff does to accounts, from the command line; all of it stands in the account's audit trail."""

from dataclasses import dataclass
from datetime import datetime

from marquee.catalogue import accounts, audit, devices, second_factors
from marquee.catalogue.database import begin
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.members import AuditKind, Origin, Role
from marquee.contracts.plans import SubscriptionState
from marquee.logs import log
from marquee.members import passwords, subscriptions
from marquee.members.accounts import deletion
from marquee.members.addresses import normalised, words


@dataclass(frozen=True)
class Found:
    """An account as staff sees it."""

    account_id: int
    email: str
    role: Role
    verified: bool
    locked: str
    totp: bool
    devices: int
    created_at: datetime


def create(email: str, password: str, role: Role, *, by: str, origin: Origin = Origin.ACCOUNT) -> int:
    """Open an account whose address needs no link; its id. Raises InvalidInput, WeakPassword, Conflict."""
    address = normalised(email)
    passwords.check(password, known=words(address))
    kept = passwords.hashed(password)
    with begin() as session:
        row = accounts.open_account(session, address, kept, origin=origin)
        if row is None:
            raise Conflict("this address has an account", where="email", got=address)
        accounts.verify_address(session, row.id)
        accounts.set_role(session, row.id, role)
        audit.write(session, row.id, AuditKind.SIGNED_UP, actor=by, detail=role)
        return row.id


def find(email: str) -> Found:
    """The account of an address. Raises NotFound."""
    with begin() as session:
        row = accounts.by_address(session, normalised(email))
        if row is None:
            raise NotFound("no account has this address", where="email", got=email)
        return Found(
            account_id=row.id,
            email=row.email or "",
            role=Role(row.role),
            verified=row.email_verified_at is not None,
            locked=row.lock_reason or "",
            totp=second_factors.totp_asked(session, row.id),
            devices=len(devices.listed(session, row.id)),
            created_at=row.created_at,
        )


def lock(email: str, reason: str, *, by: str) -> None:
    """Lock an account and sign all its devices out. Raises NotFound."""
    account_id = find(email).account_id
    with begin() as session:
        accounts.lock(session, account_id, reason)
        devices.end(session, account_id)
        audit.write(session, account_id, AuditKind.LOCKED, actor=by, detail=reason)


def unlock(email: str, *, by: str) -> None:
    """Let an account in again. Raises NotFound."""
    account_id = find(email).account_id
    with begin() as session:
        accounts.lock(session, account_id, None)
        audit.write(session, account_id, AuditKind.UNLOCKED, actor=by)


def remove_second_factor(email: str, *, by: str) -> None:
    """Ask for no codes any more: for who has lost app and recovery codes. Raises NotFound."""
    account_id = find(email).account_id
    with begin() as session:
        second_factors.remove(session, account_id)
        audit.write(session, account_id, AuditKind.TOTP_OFF, actor=by)


def end_sign_ins(email: str, *, by: str) -> int:
    """Sign all devices out; how many there were. Raises NotFound."""
    account_id = find(email).account_id
    with begin() as session:
        count = devices.end(session, account_id)
        audit.write(session, account_id, AuditKind.LOGGED_OUT_EVERYWHERE, actor=by, detail=str(count))
        return count


def note_export(email: str, *, by: str) -> int:
    """Note that what is kept of an account was written into a file; the account's id. Raises NotFound."""
    account_id = find(email).account_id
    with begin() as session:
        audit.write(session, account_id, AuditKind.EXPORTED, actor=by)
    return account_id


def delete(email: str, *, by: str) -> None:
    """Delete an account at once, without days of grace. Raises NotFound."""
    account_id = find(email).account_id
    log.info("account deleted by staff", account_id=account_id, by=by)
    deletion.erase(account_id, even_early=True)


def give_plan(email: str, plan: str, state: SubscriptionState, *, by: str) -> None:
    """Give an account a plan, in some state. Raises NotFound for no such account or plan."""
    subscriptions.give(find(email).account_id, plan, state, by=by)


def give_role(email: str, role: Role, *, by: str) -> None:
    """Make somebody a member, support or admin. Raises NotFound."""
    account_id = find(email).account_id
    with begin() as session:
        accounts.set_role(session, account_id, role)
        audit.write(session, account_id, AuditKind.ROLE_GIVEN, actor=by, detail=role)
