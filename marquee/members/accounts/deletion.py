"""Deletion of an account: asked for, taken back while there is time, and then really carried out.

What the catalogue holds goes at once when the time is over. The ids of the profiles are kept in `deleted_profiles`, so
that the next run of the viewing pipeline takes them out of events, lake, marts, features and models.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from marquee.catalogue import accounts, audit, devices, exports, identities, mails, profiles
from marquee.catalogue.database import begin
from marquee.catalogue.models import now
from marquee.contracts.errors import Unavailable
from marquee.contracts.members import AuditKind, Caller, MailKind, Member, Proof
from marquee.logs import log
from marquee.members import confirmation
from marquee.members.billing import paying
from marquee.members.exports import files
from marquee.settings import settings

AT_ONCE = 100  # accounts of one look


def ask(member: Member, proof: Proof, caller: Caller) -> datetime:
    """Have the account deleted after the days of grace; when that is. All other devices are signed out.

    Raises WrongCredentials, WrongPasskey, TooManyAttempts.
    """
    account = confirmation.of_owner(member.account_id, proof, caller)
    delete_at = now() + timedelta(days=settings().deletion_grace_days)
    with begin() as session:
        accounts.delete_at(session, account.id, delete_at)
        devices.end(session, account.id, but=member.device_id)
        audit.write(session, account.id, AuditKind.DELETION_ASKED, caller, detail=f"{delete_at:%Y-%m-%d}")
        mails.tell(session, MailKind.DELETION_ASKED, account, day=f"{delete_at:%Y-%m-%d}")
    return delete_at


def take_back(member: Member, caller: Caller) -> None:
    """Keep the account after all; again changes nothing."""
    with begin() as session:
        if accounts.delete_at(session, member.account_id, None):
            audit.write(session, member.account_id, AuditKind.DELETION_TAKEN_BACK, caller)


def erase_due() -> int:
    """Delete the accounts whose time is over; how many there were. Each goes in a transaction of its own."""
    with begin() as session:
        due = accounts.due_for_deletion(session, AT_ONCE)
    return sum(map(_erased, due))


def _erased(account_id: int) -> bool:
    """Whether it could be deleted; one whose payment provider does not answer waits for the next time."""
    try:
        return erase(account_id)
    except Unavailable as error:
        log.warning("deletion put off", account_id=account_id, error=str(error))
        return False


def erase(account_id: int, *, even_early: bool = False) -> bool:
    """Delete an account with all that is kept of it, and tell its address; False when it was taken back meanwhile."""
    with begin() as session:
        account = accounts.get(session, account_id, lock=True)
        if not even_early and (account.delete_at is None or account.delete_at > now()):
            return False
        paying.forget(session, account)
        copies = files.keys_of(exports.get(session, account_id))
        _erase(session, account_id, account.email, account.language)
    files.remove(copies)
    log.info("account deleted", account_id=account_id)
    return True


def _erase(session: Session, account_id: int, address: str | None, language: str) -> None:
    for profile in profiles.listed(session, account_id):
        profiles.delete_profile(session, account_id, profile.id)
    identities.forget(session, account_id)
    accounts.erase(session, account_id, address)
    if address:
        mails.put(session, MailKind.DELETED, address, account_id=account_id, language=language)
