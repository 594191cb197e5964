"""Issues keys: a live session gets the keys of its own release, and no others."""

import re

from api.tokens import Playback
from marquee.catalogue import releases
from marquee.catalogue.database import begin
from marquee.content.drm.keys import unwrap
from marquee.content.drm.licence import licence, parse_request
from marquee.contracts.errors import Forbidden, InvalidInput, NotFound
from marquee.contracts.keys import ContentKey, TrackType
from marquee.members import streams
from marquee.settings import settings


def clearkey(playback: Playback, body: bytes) -> bytes:
    """The licence for a ClearKey request. Raises InvalidInput, Forbidden, Unavailable."""
    return licence(parse_request(body), _entitled(playback))


def raw_key(playback: Playback, kid: str) -> bytes:
    """The 16 bytes of a key, by its id in hex with or without dashes. Raises InvalidInput, Forbidden, Unavailable."""
    wanted = kid.replace("-", "").lower()
    if not re.fullmatch("[0-9a-f]{32}", wanted):
        raise InvalidInput("not a key id", where="kid", expected="32 hex digits", got=repr(kid))
    key = _entitled(playback).get(wanted)
    if key is None:
        raise Forbidden("the playback session does not cover this key", where="kid", got=wanted)
    return key.reveal()


def _entitled(playback: Playback) -> dict[str, ContentKey]:
    """The keys of the session's release, by key id, while the member may watch it."""
    with begin() as session:
        try:
            release_id = streams.living(session, playback.session_id).release_id
        except NotFound:
            got = str(playback.session_id)
            raise Forbidden("the playback session is over", where="session_id", got=got) from None
        rows = releases.keys(session, release_id)
    master = settings().secret("master_key")
    return {
        row.kid: unwrap(row.wrapped, kid=row.kid, track=TrackType(row.track_type), master=master, release_id=release_id)
        for row in rows
    }
