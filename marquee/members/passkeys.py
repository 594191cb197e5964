"""Passkeys (W3C Web Authentication): added to an account, and signed in with, as the only factor.

The authenticator asks its owner for a PIN, a face or a finger, so a passkey is two factors by itself. A challenge is
signed by us and lives for minutes; the account that answers it spends it, so an answer that was copied opens nothing.
"""

import base64
import json
import secrets
import struct
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from marquee.catalogue import accounts, audit, mails
from marquee.catalogue import passkeys as rows
from marquee.catalogue.database import begin
from marquee.catalogue.models import PasskeyRow, now
from marquee.contracts.errors import Conflict, NotFound, Unauthorised
from marquee.contracts.members import AuditKind, Caller, MailKind, Member
from marquee.members import confirmation
from marquee.members.errors import AccountLocked, WrongPasskey
from marquee.members.sign_in.log_in import SignIn, sign_in
from marquee.members.tokens import TokenAudience, issue, read
from marquee.settings import settings

NAME = "Marquee"
LIFETIME = timedelta(minutes=5)
VERIFIED = UserVerificationRequirement.REQUIRED
CHALLENGE_BYTES = 32


class Options(NamedTuple):
    """What the browser is asked for, as its API takes it in JSON, and the challenge as we signed it."""

    public_key: dict[str, Any]
    challenge: str


def _site() -> tuple[str, str]:
    """The relying party's id, which is our host, and the origin of our pages."""
    parts = urlsplit(settings().api_url)
    return parts.hostname or "localhost", f"{parts.scheme}://{parts.netloc}"


def _challenge(account_id: int) -> tuple[bytes, str]:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    text = base64.urlsafe_b64encode(challenge).decode()
    return challenge, issue(TokenAudience.PASSKEY, account_id, expires_at=now() + LIFETIME, challenge=text)


def _read(signed: str) -> tuple[int, bytes]:
    try:
        claims = read(TokenAudience.PASSKEY, signed)
    except Unauthorised:
        raise WrongPasskey("the challenge has expired; try again", where="challenge") from None
    return claims["sub"], base64.urlsafe_b64decode(claims["challenge"])


def propose(member: Member, password: str, caller: Caller) -> Options:
    """Ask the browser for a new passkey. Raises WrongCredentials, TooManyAttempts."""
    account = confirmation.by_password(member.account_id, password, caller)
    with begin() as session:
        known = [PublicKeyCredentialDescriptor(id=row.credential_id) for row in rows.listed(session, account.id)]
    challenge, signed = _challenge(account.id)
    host, _ = _site()
    options = webauthn.generate_registration_options(
        rp_id=host,
        rp_name=NAME,
        user_name=account.email or str(account.id),
        user_id=struct.pack(">q", account.id),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=known,
    )
    return Options(json.loads(webauthn.options_to_json(options)), signed)


def add(member: Member, signed: str, credential: dict[str, Any], caller: Caller) -> PasskeyRow:
    """Keep the passkey that the browser has made. Raises WrongPasskey, Conflict for one that is there already."""
    account_id, challenge = _read(signed)
    if account_id != member.account_id:
        raise WrongPasskey("this challenge is another account's", where="challenge")
    host, origin = _site()
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise WrongPasskey("this is no passkey for here", where="credential") from None
    with begin() as session:
        if not rows.spend(session, account_id, challenge):
            raise WrongPasskey("this challenge was answered before", where="challenge")
        name = caller.name or caller.device
        row = rows.add(session, account_id, made.credential_id, made.credential_public_key, made.sign_count, name)
        if row is None:
            raise Conflict("this account has that passkey already")
        audit.write(session, account_id, AuditKind.PASSKEY_ADDED, caller, detail=name)
        mails.tell(session, MailKind.PASSKEY_ADDED, accounts.get(session, account_id), device=name)
        return row


def ask() -> Options:
    """Ask the browser for a passkey of any account."""
    challenge, signed = _challenge(0)
    host, _ = _site()
    options = webauthn.generate_authentication_options(rp_id=host, challenge=challenge, user_verification=VERIFIED)
    return Options(json.loads(webauthn.options_to_json(options)), signed)


def log_in(signed: str, credential: dict[str, Any], caller: Caller) -> SignIn:
    """Sign a device in by the passkey that the browser has used. Raises WrongPasskey, AccountLocked."""
    asked_of, challenge = _read(signed)
    account_id, credential_id = _named(credential)
    host, origin = _site()
    with begin() as session:
        row = rows.by_credential(session, account_id, credential_id)
        if row is None or asked_of != 0:
            raise WrongPasskey("no account has this passkey", where="credential")
        try:
            used = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=host,
                expected_origin=origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError):
            raise WrongPasskey("this passkey was not used for here", where="credential") from None
        if not rows.spend(session, account_id, challenge):
            raise WrongPasskey("this challenge was answered before", where="challenge")
        rows.used(session, row, used.new_sign_count)
        account = accounts.get(session, account_id)
    if account.locked_at is not None:
        raise AccountLocked("this account is locked", got=account.lock_reason or "")
    return sign_in(account, caller)


def _named(credential: dict[str, Any]) -> tuple[int, bytes]:
    """The account and the passkey that an answer names: the account is the user handle of its making."""
    try:
        (account_id,) = struct.unpack(">q", _decoded(credential["response"]["userHandle"]))
        return account_id, _decoded(credential["id"])
    except (KeyError, TypeError, ValueError, struct.error):
        raise WrongPasskey("this is no answer of a passkey", where="credential") from None


def _decoded(text: str) -> bytes:
    found = base64.urlsafe_b64decode(f"{text}{'=' * (-len(text) % 4)}")
    if not 0 < len(found) <= 1024:
        raise ValueError
    return found


def listed(member: Member) -> Sequence[PasskeyRow]:
    """The passkeys of the account."""
    with begin() as session:
        return rows.listed(session, member.account_id)


def remove(member: Member, passkey_id: int, password: str, caller: Caller) -> None:
    """Forget a passkey. Raises WrongCredentials, TooManyAttempts, NotFound."""
    account = confirmation.by_password(member.account_id, password, caller)
    with begin() as session:
        if not rows.remove(session, member.account_id, passkey_id):
            raise NotFound("no such passkey", where="passkey_id", got=str(passkey_id))
        audit.write(session, member.account_id, AuditKind.PASSKEY_REMOVED, caller)
        mails.tell(session, MailKind.PASSKEY_REMOVED, account)


def forget_spent() -> None:
    """Forget answered challenges that have expired."""
    with begin() as session:
        rows.forget_spent(session, LIFETIME * 2)
