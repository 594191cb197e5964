"""Playback sessions: opening with an idempotency key, heartbeats with progress, ending.

A position in the first `START_UP_MS` is never remembered: players report 0 while they start, before they have sought
to where the viewer stopped, and that must not overwrite it. A viewer who does start over overwrites it some seconds
later.
"""

from starlette.concurrency import run_in_threadpool

from api import tokens
from api.context import Context
from api.errors import IdempotencyKeyReused
from api.playback.grant import grant, key_systems
from api.playback.media import Allowed
from api.playback.schemas import Capabilities, MediaAccess, PlaybackGrant, PlaybackRequest
from api.release_cache import ReleaseFacts, facts, facts_of
from marquee.catalogue import progress, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import PlaybackSessionRow, now
from marquee.catalogue.rows import Ask
from marquee.content.edge.signing import verify
from marquee.contracts.errors import Conflict, Forbidden, MarqueeError, Unauthorised, Unavailable
from marquee.contracts.members import Member
from marquee.contracts.plan import DrmScheme
from marquee.members import streams, watching
from marquee.settings import settings

START_UP_MS = 10_000


def open_session(
    member: Member,
    wanted: PlaybackRequest,
    key: str,
    base_url: str,
    context: Context,
    address: str,
    languages: tuple[str, ...],
) -> tuple[PlaybackGrant, bool]:
    """A session on the title's current release, and whether it is new; the same key gives the same session.

    Keys belong to a profile. Raises NotFound for a title that is not shown, a refusal where the profile may not watch
    it now, Conflict when the player cannot open the title or the session of the key is over, IdempotencyKeyReused when
    the key opened another title.
    """
    wish = streams.Wish(wanted.title_id, key, prepared=wanted.prepare, **context._asdict())
    with begin() as session:
        release_id, offer = watching.offered(session, wanted.title_id)
        marks = titles.marks(session, wanted.title_id)
    release = facts(release_id)  # read before the account is locked
    with begin() as session:
        admitted = streams.admit(session, member, wish, offer)
        _check_playable(release, wanted.capabilities)
        row = admitted.known or streams.start(session, member, wish, release_id, admitted.limits)
        position_ms = progress.position_ms(session, row.account_id, row.profile_id, row.title_id)
    _check_replay(row, wanted.title_id)
    answer = grant(
        Allowed.at(row, admitted.limits, address),
        facts(row.release_id).marked(marks),
        token=tokens.of(row),
        position_ms=position_ms,
        base_url=base_url,
        languages=languages,
    )
    return answer, admitted.known is None


def _check_playable(found: ReleaseFacts, capabilities: Capabilities) -> None:
    protected = found.release.scheme is not DrmScheme.NONE
    served = key_systems()
    if protected and capabilities.drm and not served.keys() & set(capabilities.drm):
        expected, got = ", ".join(served), ", ".join(capabilities.drm)
        raise Conflict("no common key system", where="capabilities.drm", expected=expected, got=got)


def _check_replay(row: PlaybackSessionRow, title_id: int) -> None:
    if row.title_id != title_id:
        raise IdempotencyKeyReused(
            "this key opened a session on another title", where="Idempotency-Key", expected="a fresh key"
        )
    if row.ended_at is not None or row.expires_at <= now() or streams.lapsed(row):
        raise Conflict("the session of this key is over", where="Idempotency-Key", expected="a fresh key")


async def beat(ask: Ask, playback: tokens.Playback, position_ms: int, address: str, *, last: bool) -> MediaAccess:
    """Note that a session lives and where it is, or, with the last beat, where it has ended.

    Raises NotFound when it is over, a refusal when it may not go on.
    """
    found, limits = await streams.living(ask, playback.session_id)
    release_id = found.row.release_id
    duration_ms = round((await facts_of([release_id]))[release_id].release.duration_s * 1000)
    place = min(position_ms, duration_ms) if position_ms >= START_UP_MS else None
    if not await streams.keep(ask, found, place):
        await run_in_threadpool(streams.rejoin, found, place)
    if last:
        await run_in_threadpool(end, playback)
    return Allowed.at(found.row, limits, address).access()


def end(playback: tokens.Playback) -> None:
    """End a session, now or again."""
    with begin() as session:
        streams.end(session, playback.account_id, playback.session_id)


async def standing(ask: Ask, session_id: int, token: str) -> None:
    """Whether a session that shows its media token to an edge may still be served. Raises Forbidden where it may not.

    Raises Unauthorised for a token that is none of ours, another session's or expired: that says nothing of the
    session, and edges keep a 403 for all of its tokens.
    """
    try:
        granted = verify(token, key=settings().secret("edge_key"))
    except Forbidden as expired:
        raise Unauthorised(str(expired)) from None
    if granted.session_id != session_id:
        raise Unauthorised("this token is another session's", where="session_id", got=str(session_id))
    try:
        await streams.living(ask, session_id)
    except Unavailable:
        raise
    except MarqueeError as refusal:
        raise Forbidden("this session is not to be served", where="session_id", got=str(refusal)) from None
