"""Streams: playback begun, kept alive, and stopped from another device, within what the plan allows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from marquee.catalogue import accounts, playback_sessions
from marquee.catalogue import streams as rows
from marquee.catalogue.database import begin
from marquee.catalogue.models import PlaybackSessionRow, ProfileRow, Title, now
from marquee.catalogue.playback_sessions import Living
from marquee.contracts.entitlement import Limits, Stream
from marquee.contracts.errors import NotFound
from marquee.contracts.members import Member
from marquee.members import watching
from marquee.members.errors import StreamStopped
from marquee.members.watching import ALIVE_S, PREPARED_S
from marquee.settings import settings


@dataclass(frozen=True, slots=True)
class Started:
    """A playback session, how it may play, and whether it is new."""

    row: PlaybackSessionRow
    limits: Limits
    new: bool


def start(
    session: Session,
    member: Member,
    profile: ProfileRow,
    title: Title,
    key: str,
    *,
    prepared: bool = False,
    country: str,
    **context: str,
) -> Started:
    """A playback session on the title's current release; the same key gives the same session.

    Its territory is the country in which it began, wherever it goes on. One that is only `prepared` takes its place
    with its first heartbeat, and is over without one after `PREPARED_S`. Raises a refusal of `watching.admit`.
    """
    accounts.get(session, member.account_id, lock=True)  # two devices that begin at once are counted one by one
    if known := playback_sessions.of_key(session, profile.id, key):
        return Started(known, watching.admit(session, profile, title, known.country), new=False)
    others = () if prepared else playing_of(session, member.account_id)
    limits = watching.admit(session, profile, title, country, others)
    row = playback_sessions.open_session(
        session, member, profile.id, title, until=_until(limits), key=key, prepared=prepared, country=country, **context
    )
    if not prepared:
        rows.begin(session, row, within_s=ALIVE_S)
    return Started(row, limits, new=True)


def _until(limits: Limits) -> datetime:
    longest = now() + timedelta(seconds=settings().playback_token_s)
    return min(longest, limits.until) if limits.until else longest


def lapsed(row: PlaybackSessionRow) -> bool:
    """Whether a session was prepared and has not begun in time."""
    return row.prepared and row.started_at <= now() - timedelta(seconds=PREPARED_S)


def playing_of(session: Session, account_id: int) -> list[Stream]:
    """What the devices of an account play now."""
    return rows.playing(session, account_id, within_s=ALIVE_S)


def living(session: Session, session_id: int) -> tuple[PlaybackSessionRow, Limits]:
    """A session that is not over and that its member may still watch, and how.

    Raises NotFound when it is over, StreamStopped when another device ended it, and a refusal of `watching.go_on`.
    """
    found = _found(session, session_id)
    return found.row, watching.go_on(session, found)


def beat(session: Session, session_id: int) -> tuple[PlaybackSessionRow, Limits]:
    """Note that a session plays. One that was silent or only prepared takes a place, if there is one.

    Raises what `living` raises, and TooManyStreams.
    """
    found = _found(session, session_id)
    row, limits = found.row, watching.go_on(session, found)
    if not rows.touch(session, row.account_id, row.id, within_s=ALIVE_S):
        accounts.get(session, row.account_id, lock=True)
        others = [each for each in playing_of(session, row.account_id) if each.session_id != row.id]
        watching.go_on(session, found, others)
        rows.begin(session, row, within_s=ALIVE_S)
        row.prepared = False
    return row, limits


def _found(session: Session, session_id: int) -> Living:
    try:
        found = playback_sessions.living(session, session_id)
    except NotFound:
        if playback_sessions.was_stopped(session, session_id):
            raise StreamStopped("this playback was stopped from another device") from None
        raise
    if lapsed(found.row):
        raise NotFound("this playback session was prepared and has not begun", where="session_id", got=str(session_id))
    return found


def end(session: Session, account_id: int, session_id: int, *, stopped: bool = False) -> None:
    """End a session, now or again."""
    playback_sessions.end_session(session, session_id, stopped=stopped)
    rows.end(session, account_id, session_id)


def stop(member: Member, session_id: int) -> None:
    """Stop what another device plays; that player hears it at its next heartbeat. Raises NotFound."""
    with begin() as session:
        if not any(each.session_id == session_id for each in playing_of(session, member.account_id)):
            raise NotFound("no such playback", where="session_id", got=str(session_id))
        end(session, member.account_id, session_id, stopped=True)
