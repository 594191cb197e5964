"""Changes of the password: by who knows it, and by who can read the account's e-mail."""

from marquee.catalogue import accounts, audit, devices, mails, one_time_links
from marquee.catalogue.database import begin
from marquee.contracts.members import AuditKind, Caller, LinkPurpose, MailKind, Member, Proof
from marquee.members import confirmation, ownership, passwords
from marquee.members.addresses import normalised, words
from marquee.members.errors import LinkSpent


def ask_reset(email: str, language: str) -> None:
    """Queue a message with a link, for any address: whether it has an account is found out when it is sent.

    Raises InvalidInput for what is no address.
    """
    address = normalised(email)
    with begin() as session:
        mails.put(session, MailKind.RESET, address, account_id=None, language=language)


def reset(token: str, password: str, caller: Caller) -> None:
    """Set a new password by a link from the message; every device is signed out. Raises LinkSpent, WeakPassword.

    Who reads the messages owns the address: that verifies it. Whoever opened the account before without ever verifying
    it loses what was set up, so that nobody can lie in wait in an account opened with another's address.
    """
    passwords.check(password)
    kept = passwords.hashed(password)
    with begin() as session:
        link = one_time_links.use(session, token, LinkPurpose.RESET)
        if link is None:
            raise LinkSpent("this link was used or has expired", where="token")
        account = accounts.get(session, link.account_id)
        passwords.check(password, known=words(account.email or ""))
        ownership.prove(session, account.id)
        accounts.set_password(session, account.id, kept)
        one_time_links.forget(session, account.id, *LinkPurpose)
        devices.end(session, account.id)
        audit.write(session, account.id, AuditKind.PASSWORD_RESET, caller)
        mails.tell(session, MailKind.PASSWORD_CHANGED, account)


def change(member: Member, proof: Proof, new: str, caller: Caller) -> None:
    """Set a new password; all other devices are signed out. Raises WeakPassword and what `of_owner` does."""
    account = confirmation.of_owner(member.account_id, proof, caller)
    passwords.check(new, known=words(account.email or ""))
    kept = passwords.hashed(new)
    with begin() as session:
        accounts.set_password(session, account.id, kept)
        devices.end(session, account.id, but=member.device_id)
        one_time_links.forget(session, account.id, LinkPurpose.RESET)
        audit.write(session, account.id, AuditKind.PASSWORD_CHANGED, caller)
        mails.tell(session, MailKind.PASSWORD_CHANGED, account)
