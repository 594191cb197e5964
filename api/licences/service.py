"""Issues keys: a live session gets those of the tracks that it may play, and no others."""

import re

from starlette.concurrency import run_in_threadpool

from api.release_cache import facts_of
from api.tokens import Playback
from marquee.catalogue import playback_sessions, previews, releases
from marquee.catalogue.database import begin
from marquee.catalogue.models import PlaybackSessionRow, now
from marquee.catalogue.releases import WrappedKey
from marquee.catalogue.rows import Ask
from marquee.content.drm import upstream
from marquee.content.drm.challenges import playready_kids, widevine_kids
from marquee.content.drm.keys import unwrap
from marquee.content.drm.licence import licence, parse_request
from marquee.content.drm.policy import SessionState, release_statement, statement
from marquee.content.edge.limits import key_ids, lines_within
from marquee.contracts.errors import Forbidden, InvalidInput, NotFound, Unavailable
from marquee.contracts.keys import ContentKey
from marquee.contracts.plan import DrmScheme
from marquee.members import streams
from marquee.settings import settings

FAIRPLAY = "fairplay"  # its requests are sealed: the player says the key id beside them
NAMED = {"widevine": widevine_kids, "playready": playready_kids}
CONTENT_TYPES = {
    "widevine": "application/octet-stream",
    "playready": "text/xml; charset=utf-8",
    FAIRPLAY: "application/octet-stream",
}
RENEWAL_S = 300  # after which a device asks again, and hears that a session is over


async def clearkey(ask: Ask, playback: Playback, body: bytes) -> bytes:
    """The licence for a ClearKey request. Raises InvalidInput, Forbidden, Unavailable."""
    return licence(parse_request(body), await _entitled(ask, playback))


async def raw_key(ask: Ask, playback: Playback, kid: str) -> bytes:
    """The 16 bytes of a key, by its id in hex with or without dashes. Raises InvalidInput, Forbidden, Unavailable."""
    wanted = kid.replace("-", "").lower()
    if not re.fullmatch("[0-9a-f]{32}", wanted):
        raise InvalidInput("not a key id", where="kid", expected="32 hex digits", got=repr(kid))
    key = (await _entitled(ask, playback)).get(wanted)
    if key is None:
        raise Forbidden("the playback session does not cover this key", where="kid", got=wanted)
    return key.reveal()


async def of_server(ask: Ask, playback: Playback, system: str, body: bytes, kid: str = "") -> bytes:
    """What the operator's licence server of a DRM system answers to a player's request.

    It is told in a signed statement whose request it is, which keys the session may have and what the device has to be.
    Raises NotFound where there is no such server, InvalidInput for no request of the system, Forbidden for a key that
    the session may not have or a refusal of the server's, Unavailable.
    """
    url = _server(system)
    if system == FAIRPLAY and not kid:
        raise InvalidInput("a FairPlay request does not name its key", where="kid", expected="the key id of skd://")
    row, keys = await _permitted(ask, playback)
    asked = {kid} if system == FAIRPLAY else NAMED[system](body)
    if system == FAIRPLAY:
        await _require_cbcs(row.release_id, kid)
    if refused := asked - keys.keys():
        raise Forbidden("the playback session does not cover this key", where="body", got=", ".join(sorted(refused)))
    left = int((row.expires_at - now()).total_seconds())
    tracks = {each: key.track for each, key in keys.items()}
    signed_with = settings().licence_server_key.get_secret_value()
    told = statement(row.id, tracks, licence_s=left, renewal_s=min(RENEWAL_S, left), key=signed_with)
    return await run_in_threadpool(_asked, url, system, body, told)


async def _require_cbcs(release_id: int, kid: str) -> None:
    """FairPlay decrypts by cbcs alone. Raises Forbidden for a key of tracks under another scheme."""
    release = (await facts_of([release_id]))[release_id].release
    second = release.second.kids.values() if release.second else ()
    if release.scheme.parts[0] is not DrmScheme.CBCS or kid in second:
        raise Forbidden("FairPlay opens tracks under cbcs alone", where="kid", expected="a key of cbcs", got=kid)


def released(playback: Playback, system: str, body: bytes) -> bytes:
    """What the licence server answers to a device that gives a licence back, also when the session is over.

    The server is told in which state the session is, and that it may have no keys. Raises NotFound where there is no
    such server, InvalidInput for no message of the system, Forbidden for a session that is not known, Unavailable.
    """
    url = _server(system)
    if system in NAMED:
        NAMED[system](body)
    with begin() as session:
        row = playback_sessions.find(session, playback.session_id) or previews.find(session, playback.session_id)
    if row is None:
        raise Forbidden("no such playback session", where="session_id", got=str(playback.session_id))
    told = release_statement(row.id, _state(row), key=settings().licence_server_key.get_secret_value())
    return _asked(url, system, body, told)


def _state(row: PlaybackSessionRow) -> SessionState:
    if row.ended_at is not None:
        return "stopped" if row.stopped else "ended"
    return "playing" if row.expires_at > now() else "expired"


def _server(system: str) -> str:
    url = settings().licence_servers.get(system)
    if url is None:
        raise NotFound("no licence server for this DRM system", where="system", got=system)
    return url


def _asked(url: str, system: str, body: bytes, told: str) -> bytes:
    headers = {"Content-Type": CONTENT_TYPES[system], "Authorization": f"Bearer {told}"}
    known = settings()
    return upstream.ask(url, body, headers, inside=known.licence_servers_inside, authority=known.licence_ca)


def fairplay_certificate() -> bytes:
    """The certificate for which FairPlay players encrypt their requests.

    Raises NotFound where none is set, Unavailable where its file cannot be read.
    """
    path = settings().fairplay_certificate
    if path is None:
        raise NotFound("no FairPlay certificate")
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable("the FairPlay certificate cannot be read", where=str(path), got=str(error)) from None


async def _permitted(ask: Ask, playback: Playback) -> tuple[PlaybackSessionRow, dict[str, WrappedKey]]:
    """The session, and the keys of the tracks that it may play, by key id, while the member may watch."""
    try:
        found, limits = await streams.living(ask, playback.session_id)
    except NotFound:
        got = str(playback.session_id)
        raise Forbidden("the playback session is over", where="session_id", got=got) from None
    release_id = found.row.release_id
    keys = await releases.wrapped_keys(ask, release_id)
    release = (await facts_of([release_id]))[release_id].release
    allowed = key_ids(release, lines_within(release, limits.height))
    return found.row, {key.kid: key for key in keys if key.kid in allowed}


async def _entitled(ask: Ask, playback: Playback) -> dict[str, ContentKey]:
    """The keys of the tracks that the session may play, by key id. Raises NotFound where ClearKey is not served."""
    if not settings().clearkey:
        raise NotFound("ClearKey is not served here")
    row, keys = await _permitted(ask, playback)
    masters, release_id = settings().master_keys, row.release_id
    return {
        kid: unwrap(key.wrapped, kid=kid, track=key.track, masters=masters, release_id=release_id)
        for kid, key in keys.items()
    }
