"""The bearer token of a playback session: a JWT (RFC 7519) of fixed algorithm and audience.

It opens one session's licences, heartbeat and end. It lives as long as the session may; the session itself is looked
up at every use, so ending it takes effect at once.
"""

from datetime import datetime

from marquee.contracts.errors import Forbidden
from marquee.members.tokens import Expired, TokenAudience, read
from marquee.members.tokens import issue as issue_token


def issue(session_id: int, *, started_at: datetime, expires_at: datetime) -> str:
    """The token of a session; equal sessions give equal tokens, so a replayed request gives the same answer."""
    return issue_token(TokenAudience.LICENCE, session_id, expires_at=expires_at, iat=started_at)


def session_of(token: str) -> int:
    """The id of the session that a token is for. Raises Unauthorised, or Forbidden when its time is over."""
    try:
        session_id: int = read(TokenAudience.LICENCE, token)["sub"]
    except Expired:
        raise Forbidden("the playback session has expired") from None
    return session_id
