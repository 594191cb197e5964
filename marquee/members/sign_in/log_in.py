"""Log-in: an address and a password, and a code where the account asks for one, become a signed-in device."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from marquee.catalogue import accounts, audit, devices, mails
from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow, now
from marquee.contracts.errors import InvalidInput
from marquee.contracts.members import AuditKind, Caller, MailKind, Member
from marquee.members import back_off, passwords
from marquee.members.addresses import normalised
from marquee.members.errors import AccountLocked, SecondFactorRequired, WrongCode, WrongCredentials
from marquee.members.second_factors import codes
from marquee.members.tokens import TokenAudience, issue
from marquee.settings import settings


@dataclass(frozen=True)
class SignIn:
    """The two tokens of a signed-in device; `access_s` is how long the access token lives."""

    member: Member
    access_token: str
    access_s: int
    refresh_token: str
    refresh_expires_at: datetime


def log_in(email: str, password: str, code: str | None, caller: Caller) -> SignIn:
    """Sign a device in.

    Raises TooManyAttempts, WrongCredentials, SecondFactorRequired when a code is missing, WrongCode, AccountLocked.
    """
    address = _address(email)
    back_off.check(address, caller)
    with begin() as session:
        account = accounts.by_address(session, address)
    if not passwords.verify(account.password_hash if account else None, password) or account is None:
        back_off.failed(address, caller, account.id if account else None)
        raise WrongCredentials("the address or the password is wrong")
    if account.locked_at is not None:
        raise AccountLocked("this account is locked", got=account.lock_reason or "")
    if codes.required(account.id):
        _check_code(account, code, address, caller)
    back_off.succeeded(address, caller)
    if account.password_hash and passwords.outdated(account.password_hash):
        with begin() as session:
            accounts.set_password(session, account.id, passwords.hashed(password))
    return sign_in(account, caller)


def _address(email: str) -> str:
    """What was typed, normalised where it can be: what is no address is refused like an unknown one."""
    try:
        return normalised(email)
    except InvalidInput:
        return email.strip().lower()


def _check_code(account: AccountRow, code: str | None, address: str, caller: Caller) -> None:
    if not code:
        raise SecondFactorRequired("this account asks for a code of its authenticator app", where="code")
    if not codes.take(account.id, code, caller):
        back_off.failed(address, caller, account.id)
        raise WrongCode("the code is wrong or was used before", where="code")


def sign_in(account: AccountRow, caller: Caller) -> SignIn:
    """A new device of the account; its other devices are told of by e-mail."""
    expires_at = now() + timedelta(seconds=min(settings().refresh_token_s, settings().sign_in_s))
    with begin() as session:
        others = devices.listed(session, account.id)
        row = devices.sign_in(session, account.id, caller, expires_at)
        audit.write(session, account.id, AuditKind.LOGGED_IN, caller)
        if others:
            mails.tell(session, MailKind.NEW_DEVICE, account, device=caller.name or caller.device)
    return tokens_of(Member(account.id, row.id), row.generation, expires_at)


def tokens_of(member: Member, generation: int, expires_at: datetime) -> SignIn:
    """Both tokens of a device for a generation."""
    device = {"did": str(member.device_id)}
    refresh = issue(TokenAudience.REFRESH, member.account_id, expires_at=expires_at, **device, gen=generation)
    return SignIn(member, access_token(member), settings().access_token_s, refresh, expires_at)


def access_token(member: Member) -> str:
    """A token that acts for the member, and for the profile that was chosen, from now on."""
    profile = {} if member.profile_id is None else {"pid": str(member.profile_id)}
    until = now() + timedelta(seconds=settings().access_token_s)
    return issue(TokenAudience.ACCESS, member.account_id, expires_at=until, did=str(member.device_id), **profile)
