"""An authenticator app: proposed, confirmed by its first code, removed."""

from dataclasses import dataclass

import pyotp
import segno

from marquee.catalogue import accounts, audit, mails, second_factors
from marquee.catalogue.database import begin
from marquee.contracts.errors import Conflict
from marquee.contracts.members import AuditKind, Caller, MailKind, Member, Proof
from marquee.members import back_off, confirmation
from marquee.members.errors import WrongCode
from marquee.members.second_factors import codes

ISSUER = "Marquee"


@dataclass(frozen=True)
class Proposal:
    """What the app is given: the secret to type, and the same as a QR code in SVG."""

    secret: str
    uri: str
    qr_svg: str


def propose(member: Member, proof: Proof, caller: Caller) -> Proposal:
    """Begin. Raises WrongCredentials, WrongPasskey, TooManyAttempts, Conflict when the account has an app already."""
    account = confirmation.of_owner(member.account_id, proof, caller)
    secret = codes.propose(account.id)
    if secret is None:
        raise Conflict("this account has an authenticator app", expected="one that is removed first")
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.email or "", issuer_name=ISSUER)
    return Proposal(secret, uri, segno.make(uri, error="m").svg_inline(scale=4, border=2))


def confirm(member: Member, code: str, caller: Caller) -> list[str]:
    """From now on log-in asks for codes; the recovery codes, which are shown this once. Raises WrongCode, Conflict."""
    if codes.required(member.account_id):
        raise Conflict("this account has an authenticator app", expected="one that is not confirmed yet")
    subject = f"totp of {member.account_id}"
    back_off.check(subject, caller)
    if not codes.take_totp(member.account_id, code.replace(" ", "")):
        back_off.failed(subject, caller)
        raise WrongCode("the code is wrong or was used before", where="code")
    recovery = codes.new_recovery_codes()
    with begin() as session:
        second_factors.confirm_totp(session, member.account_id, codes.hashes(recovery))
        audit.write(session, member.account_id, AuditKind.TOTP_ON, caller)
        mails.tell(session, MailKind.TOTP_ON, accounts.get(session, member.account_id))
    return recovery


def remove(member: Member, proof: Proof, caller: Caller) -> None:
    """Ask for no more codes. Raises WrongCredentials, WrongPasskey, TooManyAttempts."""
    account = confirmation.of_owner(member.account_id, proof, caller)
    with begin() as session:
        second_factors.remove(session, account.id)
        audit.write(session, account.id, AuditKind.TOTP_OFF, caller)
        mails.tell(session, MailKind.TOTP_OFF, account)
