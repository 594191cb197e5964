"""Issues keys: a live session gets those of the tracks that it may play, and no others."""

import re

from api.release_cache import facts
from api.tokens import Playback
from marquee.catalogue import releases
from marquee.catalogue.database import begin
from marquee.content.drm.keys import unwrap
from marquee.content.drm.licence import licence, parse_request
from marquee.content.edge.limits import key_ids, lines_within
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
    """The keys of the tracks that the session may play, by key id, while the member may watch."""
    with begin() as session:
        try:
            row, limits = streams.living(session, playback.session_id)
        except NotFound:
            got = str(playback.session_id)
            raise Forbidden("the playback session is over", where="session_id", got=got) from None
        keys = releases.keys(session, row.release_id)
    release, master = facts(row.release_id).release, settings().secret("master_key")
    allowed = key_ids(release, lines_within(release, limits.height))
    return {
        key.kid: unwrap(
            key.wrapped, kid=key.kid, track=TrackType(key.track_type), master=master, release_id=row.release_id
        )
        for key in keys
        if key.kid in allowed
    }
