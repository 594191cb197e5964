"""Registration: an account is opened, and its address verified by a link.

Known and unknown addresses are answered alike and after the same work: the owner of a known address is told by e-mail.
"""

from marquee.catalogue import accounts, audit, mails, one_time_links
from marquee.catalogue.database import begin
from marquee.contracts.members import AuditKind, Caller, LinkPurpose, MailKind
from marquee.members import passwords
from marquee.members.addresses import normalised, words
from marquee.members.errors import LinkSpent


def register(email: str, password: str, language: str, caller: Caller) -> None:
    """Open an account and send the link. Raises InvalidInput, WeakPassword."""
    address = normalised(email)
    passwords.check(password, known=words(address))
    kept = passwords.hashed(password)
    with begin() as session:
        account = accounts.open_account(session, address, kept, language=language)
        if account is not None:
            audit.write(session, account.id, AuditKind.SIGNED_UP, caller)
            mails.put(session, MailKind.VERIFY, address, account_id=account.id, language=language)
        elif known := accounts.by_address(session, address):
            kind = MailKind.ALREADY_REGISTERED if known.email_verified_at else MailKind.VERIFY
            mails.put(session, kind, address, account_id=known.id, language=known.language)


def verify(token: str, caller: Caller) -> None:
    """Take a link from the message. Raises LinkSpent."""
    with begin() as session:
        link = one_time_links.use(session, token, LinkPurpose.VERIFY)
        if link is None:
            raise LinkSpent("this link was used or has expired", where="token")
        one_time_links.forget(session, link.account_id, LinkPurpose.VERIFY)
        if accounts.verify_address(session, link.account_id):
            audit.write(session, link.account_id, AuditKind.EMAIL_VERIFIED, caller)


def send_again(account_id: int) -> None:
    """Send the link again to who is signed in and has not used it."""
    with begin() as session:
        account = accounts.get(session, account_id)
        if account.email and account.email_verified_at is None:
            mails.put(session, MailKind.VERIFY, account.email, account_id=account.id, language=account.language)
