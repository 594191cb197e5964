"""The bearer token of a playback session: a JWT (RFC 7519) of fixed algorithm and audience.

It opens one session's licences, heartbeat and end. It lives as long as the session may; the session itself is looked
up at every use, so ending it takes effect at once.
"""

from datetime import datetime

import jwt

from marquee.contracts.errors import Forbidden, Unauthorised
from marquee.settings import settings

ALGORITHM, AUDIENCE = "HS256", "licence"
REQUIRED = ["aud", "exp", "sub"]


def issue(session_id: int, *, started_at: datetime, expires_at: datetime) -> str:
    """The token of a session; equal sessions give equal tokens, so a replayed request gives the same answer."""
    claims = {"aud": AUDIENCE, "sub": str(session_id), "iat": started_at, "exp": expires_at}
    return jwt.encode(claims, settings().secret("token_key"), algorithm=ALGORITHM)


def session_of(token: str) -> int:
    """The id of the session that a token is for. Raises Unauthorised, or Forbidden when its time is over."""
    key = settings().secret("token_key")
    try:
        claims = jwt.decode(token, key, algorithms=[ALGORITHM], audience=AUDIENCE, options={"require": REQUIRED})
        return int(claims["sub"])
    except jwt.ExpiredSignatureError:
        raise Forbidden("the playback session has expired") from None
    except (jwt.InvalidTokenError, ValueError):
        raise Unauthorised("not a valid session token", where="Authorization") from None
