"""The bearer token of a playback session: a JWT (RFC 7519) of fixed algorithm and audience.

It opens one session's licences, heartbeat and end. It lives as long as the session may; the session itself is looked
up at every use, so ending it takes effect at once.
"""

from datetime import datetime
from typing import NamedTuple

from marquee.catalogue.models import PlaybackSessionRow
from marquee.contracts.errors import Forbidden
from marquee.members.tokens import Expired, TokenAudience, read
from marquee.members.tokens import issue as issue_token


class Playback(NamedTuple):
    """A playback session, and the account it is of."""

    session_id: int
    account_id: int


def issue(playback: Playback, *, started_at: datetime, expires_at: datetime) -> str:
    """The token of a session; equal sessions give equal tokens, so a replayed request gives the same answer."""
    account = str(playback.account_id)
    return issue_token(TokenAudience.LICENCE, playback.session_id, expires_at=expires_at, iat=started_at, acc=account)


def of(row: PlaybackSessionRow) -> str:
    """The token of a session, by its row."""
    return issue(Playback(row.id, row.account_id), started_at=row.started_at, expires_at=row.expires_at)


def playback_of(token: str) -> Playback:
    """The session that a token is for. Raises Unauthorised, or Forbidden when its time is over."""
    try:
        claims = read(TokenAudience.LICENCE, token, "acc")
    except Expired:
        raise Forbidden("the playback session has expired") from None
    return Playback(claims["sub"], claims["acc"])
