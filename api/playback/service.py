"""Playback sessions: opening with an idempotency key, heartbeats with progress, ending.

A position in the first `START_UP_MS` is never remembered: players report 0 while they start, before they have sought
to where the viewer stopped, and that must not overwrite it. A viewer who does start over overwrites it some seconds
later.
"""

from api import tokens
from api.context import Context
from api.errors import IdempotencyKeyReused
from api.playback.grant import choose, grant, key_systems
from api.playback.media import Allowed
from api.playback.schemas import Capabilities, MediaAccess, PlaybackGrant, PlaybackRequest
from api.release_cache import ReleaseFacts, facts_of
from marquee.catalogue import progress
from marquee.catalogue.models import PlaybackSessionRow, now
from marquee.catalogue.rows import Ask, Together
from marquee.content.edge.signing import verify
from marquee.contracts.entitlement import Limits
from marquee.contracts.errors import Conflict, Forbidden, MarqueeError, Unauthorised, Unavailable
from marquee.contracts.members import Member
from marquee.contracts.plan import DrmScheme
from marquee.members import streams, watching
from marquee.settings import settings

START_UP_MS = 10_000


async def open_session(
    ask: Ask,
    together: Together,
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
    title = await watching.offered(ask, wanted.title_id)
    wish = streams.Wish(wanted.title_id, key, prepared=wanted.prepare, is_trailer=title.is_trailer, **context._asdict())
    release = (await facts_of([title.release_id]))[title.release_id]  # read before the account is locked

    async def work(ask: Ask) -> tuple[PlaybackSessionRow, Limits, bool, int]:
        admitted = await streams.admit(ask, member, wish, title.offer)
        _check_playable(release, wanted.capabilities)
        row = admitted.known or await streams.start(ask, member, wish, title.release_id, admitted.limits)
        place = await progress.place(ask, row.account_id, row.profile_id, row.title_id)
        return row, admitted.limits, admitted.known is None, place

    row, limits, new, position_ms = await together(work)
    _check_replay(row, wanted.title_id)
    answer = grant(
        Allowed.at(row, limits, address),
        (await facts_of([row.release_id]))[row.release_id].marked(title.marks),
        token=tokens.of(row),
        position_ms=position_ms,
        base_url=base_url,
        languages=languages,
        events=not title.is_trailer,
        schemes=wanted.capabilities.schemes,
    )
    return answer, new


def _check_playable(found: ReleaseFacts, capabilities: Capabilities) -> None:
    protected = found.release.scheme is not DrmScheme.NONE
    served = key_systems()
    if protected and capabilities.drm and not served.keys() & set(capabilities.drm):
        expected, got = ", ".join(served), ", ".join(capabilities.drm)
        raise Conflict("no common key system", where="capabilities.drm", expected=expected, got=got)
    choose(found.release.scheme, capabilities.schemes)


def _check_replay(row: PlaybackSessionRow, title_id: int) -> None:
    if row.title_id != title_id:
        raise IdempotencyKeyReused(
            "this key opened a session on another title", where="Idempotency-Key", expected="a fresh key"
        )
    if row.ended_at is not None or row.expires_at <= now() or streams.lapsed(row):
        raise Conflict("the session of this key is over", where="Idempotency-Key", expected="a fresh key")


async def beat(
    ask: Ask, together: Together, playback: tokens.Playback, position_ms: int, address: str, *, last: bool
) -> MediaAccess:
    """Note that a session lives and where it is, or, with the last beat, where it has ended.

    Raises NotFound when it is over, a refusal when it may not go on.
    """
    found, limits = await streams.living(ask, playback.session_id)
    release_id = found.row.release_id
    duration_ms = round((await facts_of([release_id]))[release_id].release.duration_s * 1000)
    place = min(position_ms, duration_ms) if position_ms >= START_UP_MS else None
    if found.is_trailer:
        await streams.begin_trailer(ask, found)
    elif not await streams.keep(ask, found, place):
        await streams.rejoin(together, found, place)
    if last:
        await end(ask, playback)
    return Allowed.at(found.row, limits, address).access()


async def end(ask: Ask, playback: tokens.Playback) -> None:
    """End a session, now or again."""
    await streams.end(ask, playback.account_id, playback.session_id)


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
