"""Playback sessions: opened, looked up while they live, ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from marquee.catalogue import titles, viewers
from marquee.catalogue.models import PlaybackSessionRow, ReleaseState, now
from marquee.catalogue.rows import Ask
from marquee.catalogue.viewers import Viewer
from marquee.contracts.entitlement import Offer, StaffPass
from marquee.contracts.errors import NotFound
from marquee.contracts.ids import new_id
from marquee.contracts.members import Member
from marquee.contracts.title import Kind

UNKNOWN, NOWHERE = "unknown", "ZZ"


@dataclass(frozen=True, slots=True)
class Living:
    """A session that is not over, with what decides whether it may go on."""

    row: PlaybackSessionRow
    viewer: Viewer | StaffPass
    offer: Offer
    is_trailer: bool


_COLUMNS = (
    *("id", "account_id", "profile_id", "device_id", "title_id", "release_id", "started_at", "expires_at", "prepared"),
    *("device", "country", "isp"),
)
OPENED = f"""
    insert into playback_sessions ({", ".join(_COLUMNS)}, idempotency_key)
    values ({", ".join(f"${number}" for number in range(1, len(_COLUMNS) + 2))})
"""  # noqa: S608 (a constant of ours)
OF_KEY = f"""
    select {", ".join(_COLUMNS)}, ended_at from playback_sessions
    where profile_id = $1::bigint and idempotency_key = $2
"""  # noqa: S608 (a constant of ours)
LIVING = f"""
    select {", ".join(f"s.{column}" for column in _COLUMNS)},
           t.kind, state_of(t), release_of(t), t.maturity_rating, t.shown_from, w.territory, w.start, w."end"
    from playback_sessions s
    join releases r on r.id = s.release_id
    join titles t on t.id = s.title_id
    left join availability_windows w on w.title_id = s.title_id
    where s.id = $1::bigint and s.ended_at is null and s.expires_at > now() and r.state <> '{ReleaseState.WITHDRAWN}'
"""  # noqa: S608 (a constant of ours)
STOPPED = "select 1 from playback_sessions where id = $1::bigint and stopped"
BEGUN = "update playback_sessions set prepared = false where id = $1::bigint"
ENDED = """
    with nothing_played as (delete from playback_sessions where id = $1::bigint and prepared)
    update playback_sessions set ended_at = now(), stopped = $2
    where id = $1::bigint and not prepared and ended_at is null
"""


async def of_key(ask: Ask, profile_id: int, key: str) -> PlaybackSessionRow | None:
    """A copy of the session that a profile has opened with an idempotency key."""
    rows = await ask(OF_KEY, profile_id, key)
    return _row(rows[0], *_COLUMNS, "ended_at") if rows else None


async def open_session(
    ask: Ask,
    member: Member,
    profile_id: int,
    title_id: int,
    release_id: int,
    *,
    until: datetime,
    key: str,
    prepared: bool = False,
    device: str = UNKNOWN,
    country: str = NOWHERE,
    isp: str = UNKNOWN,
) -> PlaybackSessionRow:
    """A playback session on a release. Of one profile and key there is one only."""
    ids = new_id(), member.account_id, profile_id, member.device_id, title_id, release_id
    values = *ids, now(), until, prepared, device, country, isp
    await ask(OPENED, *values, key)
    return _row(values, *_COLUMNS)


def _row(values: Iterable[Any], *columns: str) -> PlaybackSessionRow:
    return PlaybackSessionRow(**dict(zip(columns, values, strict=False)))


async def living(ask: Ask, session_id: int) -> Living:
    """A session that has neither ended nor expired, and whose release is not withdrawn. Raises NotFound.

    Two statements, as every heartbeat, licence and edge asks this: the account is known by the second, which so asks
    one shard. Its row is a copy: changes to it are not kept.
    """
    rows = await ask(LIVING, session_id)
    if not rows:
        raise NotFound("no such playback session, or it is over", where="session_id", got=str(session_id))
    row = _row(rows[0], *_COLUMNS)
    viewer = await viewers.get(ask, row.account_id, row.profile_id)
    offers = [tuple(found)[len(_COLUMNS) :] for found in rows]
    return Living(row, viewer, titles.offer_of_rows([each[1:] for each in offers]), offers[0][0] == Kind.TRAILER)


async def was_stopped(ask: Ask, session_id: int) -> bool:
    """Whether a session was stopped from another device."""
    return bool(await ask(STOPPED, session_id))


async def has_begun(ask: Ask, session_id: int) -> None:
    """Note that a session which was only prepared has begun."""
    await ask(BEGUN, session_id)


def find(session: Session, session_id: int) -> PlaybackSessionRow | None:
    """A session as it is or was; None for one that was never begun, or whose profile is deleted."""
    return session.get(PlaybackSessionRow, session_id)


def of_release(session: Session, release_id: int) -> Sequence[int]:
    """The ids of all sessions of a release that were begun and whose profile is there."""
    wanted = select(PlaybackSessionRow.id).where(PlaybackSessionRow.release_id == release_id)
    return session.scalars(wanted.where(~PlaybackSessionRow.prepared)).all()


async def end_session(ask: Ask, session_id: int, *, stopped: bool = False) -> None:
    """End a session, from another device if `stopped`; one that is over already stays as it is.

    Of one that was prepared and has not begun nothing is kept: nobody has played.
    """
    await ask(ENDED, session_id, stopped)
