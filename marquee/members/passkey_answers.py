"""Challenges to passkeys and the answers to them: signed, read, verified, spent.

A challenge is signed by us, is for one purpose and lives for minutes. The account that answers it spends it, so an
answer that was copied opens nothing.
"""

import base64
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy.orm import Session
from webauthn.helpers.exceptions import WebAuthnException

from marquee.catalogue import passkeys as rows
from marquee.catalogue.models import PasskeyRow, now
from marquee.contracts.errors import Unauthorised
from marquee.contracts.members import PasskeyAnswer
from marquee.members.errors import WrongPasskey
from marquee.members.tokens import TokenAudience, issue, read
from marquee.settings import settings

LIFETIME = timedelta(minutes=5)
CHALLENGE_BYTES = 32
LONGEST_ID = 1024  # bytes of a credential's id
BROKEN = (WebAuthnException, ValueError, TypeError, KeyError)  # what the library raises for what is no answer


def site() -> tuple[str, str]:
    """The relying party's id, which is our host, and the origin of our pages."""
    parts = urlsplit(settings().api_url)
    return parts.hostname or "localhost", f"{parts.scheme}://{parts.netloc}"


def new_challenge(account_id: int, purpose: TokenAudience) -> tuple[bytes, str]:
    """Random bytes, and the same signed; account 0 is nobody yet."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    text = base64.urlsafe_b64encode(challenge).decode()
    return challenge, issue(purpose, account_id, expires_at=now() + LIFETIME, challenge=text)


def read_challenge(signed: str, purpose: TokenAudience) -> tuple[int, bytes]:
    """The account it was made for, and its bytes. Raises WrongPasskey."""
    try:
        claims = read(purpose, signed)
    except Unauthorised:
        raise WrongPasskey("the challenge has expired; try again", where="challenge") from None
    return claims["sub"], base64.urlsafe_b64decode(claims["challenge"])


def decoded(text: str) -> bytes:
    """Bytes of an id. Raises ValueError, TypeError."""
    found = base64.urlsafe_b64decode(f"{text}{'=' * (-len(text) % 4)}")
    if not 0 < len(found) <= LONGEST_ID:
        raise ValueError
    return found


def prove(session: Session, account_id: int, answer: PasskeyAnswer) -> None:
    """Take an answer in place of the account's password; it works once. Raises WrongPasskey."""
    asked_of, challenge = read_challenge(answer.challenge, TokenAudience.PROOF)
    if asked_of != account_id:
        raise WrongPasskey("this challenge is another account's", where="challenge")
    try:
        credential_id = decoded(answer.credential["id"])
    except BROKEN:
        raise WrongPasskey("this is no answer of a passkey", where="credential") from None
    row = rows.by_credential(session, account_id, credential_id)
    if row is None:
        raise WrongPasskey("this account has no such passkey", where="credential")
    take(session, row, answer.credential, challenge)


def take(session: Session, row: PasskeyRow, credential: dict[str, Any], challenge: bytes) -> None:
    """Verify an answer, spend its challenge, and note the passkey's use. Raises WrongPasskey."""
    host, origin = site()
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
    except BROKEN:
        raise WrongPasskey("this passkey was not used for here", where="credential") from None
    if not rows.spend(session, row.account_id, challenge):
        raise WrongPasskey("this challenge was answered before", where="challenge")
    rows.used(session, row, used.new_sign_count)
