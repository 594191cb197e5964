"""Signed tokens: JWTs (RFC 7519) of one fixed algorithm, each for one audience.

A token for one audience is refused for every other, so a media licence's token opens no account.
"""

from datetime import datetime
from enum import StrEnum
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


class Expired(Unauthorised):
    """A token of ours whose time is over."""

    type = "token-expired"


def issue(audience: TokenAudience, subject: int, *, expires_at: datetime, **claims: Any) -> str:
    """A token about `subject`. Equal arguments give equal tokens."""
    content = {"aud": audience, "sub": str(subject), "exp": expires_at, **claims}
    return jwt.encode(content, settings().secret("token_key"), algorithm=ALGORITHM)


def read(audience: TokenAudience, token: str) -> dict[str, Any]:
    """The claims of a token; `sub` is a number. Raises Expired, or Unauthorised for what is no such token."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            settings().secret("token_key"),
            algorithms=[ALGORITHM],
            audience=audience,
            options={"require": list(REQUIRED)},
        )
        return claims | {"sub": int(claims["sub"])}
    except jwt.ExpiredSignatureError:
        raise Expired("the token has expired", where="Authorization") from None
    except (jwt.InvalidTokenError, ValueError):
        raise Unauthorised("not a valid token", where="Authorization", expected=f"one for {audience}") from None
