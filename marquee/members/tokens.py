"""Signed tokens: JWTs (RFC 7519) of one fixed algorithm, each for one audience.

A token for one audience is refused for every other, so a media licence's token opens no account.
"""

import time
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import jwt

from marquee.contracts.errors import Unauthorised
from marquee.settings import settings

ALGORITHM = "HS256"
REQUIRED = ("aud", "exp", "sub")


class TokenAudience(StrEnum):
    """What a token is good for."""

    ACCESS = "access"  # the API, as a member
    REFRESH = "refresh"  # new access tokens
    LICENCE = "licence"  # one playback session
    PASSKEY = "passkey"  # one challenge to a passkey
    PROOF = "proof"  # one challenge to a passkey of an account, in place of its password
    EXPORT = "export"  # fetching one copy of what is kept of a member


class Expired(Unauthorised):
    """A token of ours whose time is over."""

    type = "token-expired"


def issue(audience: TokenAudience, subject: int, *, expires_at: datetime, **claims: Any) -> str:
    """A token about `subject`. Equal arguments give equal tokens."""
    content = {"aud": audience, "sub": str(subject), "exp": expires_at, **claims}
    return jwt.encode(content, settings().secret("token_key"), algorithm=ALGORITHM)


def read(audience: TokenAudience, token: str, *ids: str) -> dict[str, Any]:
    """The claims of a token; `sub` and those named in `ids` are numbers.

    Raises Expired, or Unauthorised for what is no such token.
    """
    claims = _verified(audience, token, settings().secret("token_key"), ids)
    if claims["exp"] <= time.time():
        raise Expired("the token has expired", where="Authorization")
    return claims


@lru_cache(maxsize=20_000)
def _verified(audience: TokenAudience, token: str, key: str, ids: tuple[str, ...]) -> dict[str, Any]:
    """The claims of a token that is good but for its time; each is verified once in a process."""
    wanted: Any = {"require": [*REQUIRED, *ids], "verify_exp": False}
    try:
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=[ALGORITHM], audience=audience, options=wanted)
        return claims | {name: int(claims[name]) for name in ("sub", "exp", *ids)}
    except (jwt.InvalidTokenError, TypeError, ValueError):
        raise Unauthorised("not a valid token", where="Authorization", expected=f"one for {audience}") from None
