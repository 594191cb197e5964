"""Issues keys: a live session gets the keys of its own release, and no others."""

import re

from marquee.catalogue import playback_sessions, releases
from marquee.catalogue.database import begin
from marquee.content.drm.keys import unwrap
from marquee.content.drm.licence import licence, parse_request
from marquee.contracts.errors import Forbidden, InvalidInput, NotFound
from marquee.contracts.keys import ContentKey, TrackType
from marquee.settings import settings


def clearkey(session_id: int, body: bytes) -> bytes:
    """The licence for a ClearKey request. Raises InvalidInput, Forbidden, Unavailable."""
    return licence(parse_request(body), _entitled(session_id))


def raw_key(session_id: int, kid: str) -> bytes:
    """The 16 bytes of a key, by its id in hex with or without dashes. Raises InvalidInput, Forbidden, Unavailable."""
    wanted = kid.replace("-", "").lower()
    if not re.fullmatch("[0-9a-f]{32}", wanted):
        raise InvalidInput("not a key id", where="kid", expected="32 hex digits", got=repr(kid))
    key = _entitled(session_id).get(wanted)
    if key is None:
        raise Forbidden("the playback session does not cover this key", where="kid", got=wanted)
    return key.reveal()


def _entitled(session_id: int) -> dict[str, ContentKey]:
    """The keys of the session's release, by key id."""
    with begin() as session:
        try:
            release_id = playback_sessions.live_session(session, session_id).release_id
        except NotFound:
            raise Forbidden("the playback session is over", where="session_id", got=str(session_id)) from None
        rows = releases.keys(session, release_id)
    master = settings().secret("master_key")
    return {
        row.kid: unwrap(row.wrapped, kid=row.kid, track=TrackType(row.track_type), master=master, release_id=release_id)
        for row in rows
    }
