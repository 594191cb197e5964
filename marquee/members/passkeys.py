"""Passkeys (W3C Web Authentication): added to an account, and signed in with, as the only factor.

The authenticator asks its owner for a PIN, a face or a finger, so a passkey is two factors by itself.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

import webauthn
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from marquee.catalogue import accounts, audit, mails
from marquee.catalogue import passkeys as rows
from marquee.catalogue.database import begin
from marquee.catalogue.models import PasskeyRow
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.members import AuditKind, Caller, MailKind, Member, Proof
from marquee.members import confirmation
from marquee.members import passkey_answers as answers
from marquee.members.errors import AccountLocked, WrongPasskey
from marquee.members.sign_in.log_in import SignIn, sign_in
from marquee.members.tokens import TokenAudience

NAME = "Marquee"
VERIFIED = UserVerificationRequirement.REQUIRED


class Options(NamedTuple):
    """What the browser is asked for, as its API takes it in JSON, and the challenge as we signed it."""

    public_key: dict[str, Any]
    challenge: str


def propose(member: Member, proof: Proof, caller: Caller) -> Options:
    """Ask the browser for a new passkey. Raises WrongCredentials, WrongPasskey, TooManyAttempts."""
    account = confirmation.of_owner(member.account_id, proof, caller)
    challenge, signed = answers.new_challenge(account.id, TokenAudience.PASSKEY)
    host, _ = answers.site()
    options = webauthn.generate_registration_options(
        rp_id=host,
        rp_name=NAME,
        user_name=account.email or str(account.id),
        user_id=struct.pack(">q", account.id),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=_known(member),
    )
    return Options(json.loads(webauthn.options_to_json(options)), signed)


def _known(member: Member) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=row.credential_id) for row in listed(member)]


def add(member: Member, signed: str, credential: dict[str, Any], caller: Caller) -> PasskeyRow:
    """Keep the passkey that the browser has made. Raises WrongPasskey, Conflict for one that is there already."""
    account_id, challenge = answers.read_challenge(signed, TokenAudience.PASSKEY)
    if account_id != member.account_id:
        raise WrongPasskey("this challenge is another account's", where="challenge")
    host, origin = answers.site()
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
        )
    except answers.BROKEN:
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
    return _asked(0, TokenAudience.PASSKEY, [])


def ask_proof(member: Member) -> Options:
    """Ask the browser for a passkey of this account, in place of its password."""
    return _asked(member.account_id, TokenAudience.PROOF, _known(member))


def _asked(account_id: int, purpose: TokenAudience, known: list[PublicKeyCredentialDescriptor]) -> Options:
    challenge, signed = answers.new_challenge(account_id, purpose)
    host, _ = answers.site()
    options = webauthn.generate_authentication_options(
        rp_id=host, challenge=challenge, allow_credentials=known, user_verification=VERIFIED
    )
    return Options(json.loads(webauthn.options_to_json(options)), signed)


def log_in(signed: str, credential: dict[str, Any], caller: Caller) -> SignIn:
    """Sign a device in by the passkey that the browser has used. Raises WrongPasskey, AccountLocked."""
    asked_of, challenge = answers.read_challenge(signed, TokenAudience.PASSKEY)
    account_id, credential_id = _named(credential)
    with begin() as session:
        row = rows.by_credential(session, account_id, credential_id)
        if row is None or asked_of != 0:
            raise WrongPasskey("no account has this passkey", where="credential")
        answers.take(session, row, credential, challenge)
        account = accounts.get(session, account_id)
    if account.locked_at is not None:
        raise AccountLocked("this account is locked", got=account.lock_reason or "")
    return sign_in(account, caller)


def _named(credential: dict[str, Any]) -> tuple[int, bytes]:
    """The account and the passkey that an answer names: the account is the user handle of its making."""
    try:
        (account_id,) = struct.unpack(">q", answers.decoded(credential["response"]["userHandle"]))
        return account_id, answers.decoded(credential["id"])
    except (*answers.BROKEN, struct.error):
        raise WrongPasskey("this is no answer of a passkey", where="credential") from None


def listed(member: Member) -> Sequence[PasskeyRow]:
    """The passkeys of the account."""
    with begin() as session:
        return rows.listed(session, member.account_id)


def remove(member: Member, passkey_id: int, proof: Proof, caller: Caller) -> None:
    """Forget a passkey. Raises WrongCredentials, WrongPasskey, TooManyAttempts, NotFound."""
    account = confirmation.of_owner(member.account_id, proof, caller)
    with begin() as session:
        if not rows.remove(session, member.account_id, passkey_id):
            raise NotFound("no such passkey", where="passkey_id", got=str(passkey_id))
        audit.write(session, member.account_id, AuditKind.PASSKEY_REMOVED, caller)
        mails.tell(session, MailKind.PASSKEY_REMOVED, account)


def forget_spent() -> None:
    """Forget answered challenges that have expired."""
    with begin() as session:
        rows.forget_spent(session, answers.LIFETIME * 2)
