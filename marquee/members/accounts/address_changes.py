"""Changes of the address: confirmed by a link at the old one and by another at the new one, in any order."""

from marquee.catalogue import accounts, audit, billing, mails, one_time_links
from marquee.catalogue.database import begin
from marquee.contracts.errors import Conflict
from marquee.contracts.members import AuditKind, Caller, LinkPurpose, MailKind, Member, Proof
from marquee.members import confirmation
from marquee.members.addresses import normalised
from marquee.members.errors import LinkSpent

BOTH = {
    LinkPurpose.EMAIL_CHANGE_OLD: LinkPurpose.EMAIL_CHANGE_NEW,
    LinkPurpose.EMAIL_CHANGE_NEW: LinkPurpose.EMAIL_CHANGE_OLD,
}


def ask(member: Member, email: str, proof: Proof, caller: Caller) -> None:
    """Send both links; whether the new address is free is not told. Raises InvalidInput and what `of_owner` does."""
    address = normalised(email)
    account = confirmation.of_owner(member.account_id, proof, caller)
    with begin() as session:
        one_time_links.forget(session, account.id, *BOTH)
        for kind, to in ((MailKind.EMAIL_CHANGE_OLD, account.email), (MailKind.EMAIL_CHANGE_NEW, address)):
            if to:
                mails.put(session, kind, to, account_id=account.id, language=account.language, wanted=address)
        audit.write(session, account.id, AuditKind.EMAIL_CHANGE_ASKED, caller)


def confirm(token: str, caller: Caller) -> bool:
    """Take one of the two links; True once both were taken, and the address is another.

    Raises LinkSpent, or Conflict when another account has taken the address meanwhile.
    """
    with begin() as session:
        link = next(filter(None, (one_time_links.use(session, token, purpose) for purpose in BOTH)), None)
        if link is None:
            raise LinkSpent("this link was used or has expired", where="token")
        accounts.get(session, link.account_id, lock=True)  # so that of two links taken at once one sees the other
        if not one_time_links.was_used(session, link.account_id, BOTH[LinkPurpose(link.purpose)], **link.details):
            return False
        account = accounts.get(session, link.account_id)
        before, address = account.email, link.details["wanted"]
        if not accounts.change_address(session, link.account_id, address):
            raise Conflict("this address cannot be used", where="email")
        one_time_links.forget(session, link.account_id, *BOTH)
        audit.write(session, link.account_id, AuditKind.EMAIL_CHANGED, caller)
        if account.billing_customer:
            billing.note(session, account.billing_customer)  # the payment provider gets the new address
        if before:
            mails.put(session, MailKind.EMAIL_CHANGED, before, account_id=account.id, language=account.language)
        return True
