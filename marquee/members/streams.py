"""Streams: playback begun, kept alive, and stopped from another device, within what the plan allows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from marquee.catalogue import playback_sessions, previews, viewers
from marquee.catalogue import streams as rows
from marquee.catalogue.models import PlaybackSessionRow, now
from marquee.catalogue.playback_sessions import Living
from marquee.catalogue.rows import Ask, Together
from marquee.catalogue.viewers import Viewer
from marquee.contracts.entitlement import Limits, Offer, StaffPass, Stream, Streams
from marquee.contracts.errors import NotFound
from marquee.contracts.members import Member
from marquee.members import watching
from marquee.members.errors import StreamStopped, TooManyStreams
from marquee.members.profiles import chosen
from marquee.members.watching import ALIVE_S, PREPARED_S
from marquee.settings import settings


@dataclass(frozen=True, slots=True)
class Wish:
    """A title that is to be played, under which idempotency key, and from where."""

    title_id: int
    key: str
    country: str
    device: str = "unknown"
    isp: str = "unknown"
    prepared: bool = False
    is_trailer: bool = False  # which takes no place among the plan's streams


@dataclass(frozen=True, slots=True)
class Admission:
    """How a profile may play a title, and the session that its key has opened before, if there is one."""

    limits: Limits
    known: PlaybackSessionRow | None


async def admit(ask: Ask, member: Member, wish: Wish, offer: Offer) -> Admission:
    """Decide on a new session, or once more on the one of the same key. Raises a refusal of `watching.may_play`.

    Its territory is the country in which it began, wherever it goes on. The account is locked until the transaction
    ends, so that two devices that begin at once are counted one by one.
    """
    viewer = await viewers.locked(ask, member.account_id, chosen(member))
    known = await playback_sessions.of_key(ask, chosen(member), wish.key)
    others = () if wish.prepared or wish.is_trailer or known else await playing_of(ask, member.account_id)
    territory = known.country if known else wish.country
    return Admission(await _may_play(ask, viewer, offer, wish.title_id, territory, others), known)


async def start(ask: Ask, member: Member, wish: Wish, release_id: int, limits: Limits) -> PlaybackSessionRow:
    """A new session of a member who was admitted in the same transaction.

    One that is only `prepared` takes its place with its first heartbeat, and is over without one after `PREPARED_S`.
    """
    row = await playback_sessions.open_session(
        ask,
        member,
        chosen(member),
        wish.title_id,
        release_id,
        until=_until(limits),
        key=wish.key,
        prepared=wish.prepared,
        country=wish.country,
        device=wish.device,
        isp=wish.isp,
    )
    if not wish.prepared and not wish.is_trailer:
        await rows.begin(ask, row, within_s=ALIVE_S)
    return row


def _until(limits: Limits) -> datetime:
    longest = now() + timedelta(seconds=settings().playback_token_s)
    return min(longest, limits.until) if limits.until else longest


def lapsed(row: PlaybackSessionRow) -> bool:
    """Whether a session was prepared and has not begun in time."""
    return row.prepared and row.started_at <= now() - timedelta(seconds=PREPARED_S)


async def playing_of(ask: Ask, account_id: int) -> list[Stream]:
    """What the devices of an account play now."""
    return await rows.playing(ask, account_id, within_s=ALIVE_S)


async def living(ask: Ask, session_id: int) -> tuple[Living, Limits]:
    """A session that is not over and that its member, or who previews, may still watch, and how.

    Raises NotFound when it is over, StreamStopped when another device ended it, and a refusal of `watching.may_play`.
    """
    found = await _living(ask, session_id)
    if lapsed(found.row):
        raise NotFound("this playback session was prepared and has not begun", where="session_id", got=str(session_id))
    return found, watching.may_play(found.viewer, found.offer, found.row.title_id, found.row.country)


async def _living(ask: Ask, session_id: int) -> Living:
    """Members' sessions are asked for first: previews are few."""
    try:
        return await playback_sessions.living(ask, session_id)
    except NotFound:
        if preview := await previews.living(ask, session_id):
            return preview
        if await playback_sessions.was_stopped(ask, session_id):
            raise StreamStopped("this playback was stopped from another device") from None
        raise


async def keep(ask: Ask, found: Living, position_ms: int | None) -> bool:
    """Note that a session plays, and where it is; False for one that has lost its place, which `rejoin` gives back.

    A preview has no place, and nothing of it is noted.
    """
    if isinstance(found.viewer, StaffPass):
        return True
    return await rows.keep(ask, found.row, position_ms, within_s=ALIVE_S)


async def begin_trailer(ask: Ask, found: Living) -> None:
    """Note that a trailer plays which was only prepared. It takes no place, and nobody comes back to where it was."""
    if found.row.prepared:
        await playback_sessions.has_begun(ask, found.row.id)


async def rejoin(together: Together, found: Living, position_ms: int | None) -> None:
    """Give a session a place again that was silent or only prepared. Raises TooManyStreams where there is none."""
    row = found.row

    async def work(ask: Ask) -> None:
        viewer = await viewers.locked(ask, row.account_id, row.profile_id)
        others = [each for each in await playing_of(ask, row.account_id) if each.session_id != row.id]
        await _may_play(ask, viewer, found.offer, row.title_id, row.country, others)
        await rows.begin(ask, row, within_s=ALIVE_S)
        await playback_sessions.has_begun(ask, row.id)
        await rows.keep(ask, row, position_ms, within_s=ALIVE_S)

    await together(work)


async def _may_play(ask: Ask, viewer: Viewer, offer: Offer, title_id: int, territory: str, others: Streams) -> Limits:
    """The decision beside what else the account plays, which a refusal names."""
    try:
        return watching.may_play(viewer, offer, title_id, territory, others)
    except TooManyStreams as refusal:
        raise TooManyStreams(refusal.what, got=await watching.named(ask, others)) from None


async def end(ask: Ask, account_id: int, session_id: int, *, stopped: bool = False) -> None:
    """End a session, now or again."""
    if account_id == previews.NOBODY:
        await previews.end(ask, session_id)
        return
    await playback_sessions.end_session(ask, session_id, stopped=stopped)
    await rows.end(ask, account_id, session_id)


async def stop(ask: Ask, member: Member, session_id: int) -> None:
    """Stop what another device plays; that player hears it at its next heartbeat. Raises NotFound."""
    if not any(each.session_id == session_id for each in await playing_of(ask, member.account_id)):
        raise NotFound("no such playback", where="session_id", got=str(session_id))
    await end(ask, member.account_id, session_id, stopped=True)
