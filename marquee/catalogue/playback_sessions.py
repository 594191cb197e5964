"""Playback sessions: opened, looked up while they live, ended."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from marquee.catalogue import titles, viewers
from marquee.catalogue.models import PlaybackSessionRow, ReleaseState, now
from marquee.catalogue.rows import Ask
from marquee.catalogue.viewers import Viewer
from marquee.contracts.entitlement import Offer
from marquee.contracts.errors import NotFound
from marquee.contracts.members import Member


def of_key(session: Session, profile_id: int, key: str) -> PlaybackSessionRow | None:
    """The session that a profile has opened with an idempotency key."""
    return session.scalar(select(PlaybackSessionRow).filter_by(profile_id=profile_id, idempotency_key=key))


def open_session(
    session: Session,
    member: Member,
    profile_id: int,
    title_id: int,
    release_id: int,
    *,
    until: datetime,
    key: str,
    prepared: bool = False,
    **context: str,
) -> PlaybackSessionRow:
    """A playback session on a release. Of one profile and key there is one only.

    `context` is the row's device, country and isp, where they are known.
    """
    row = PlaybackSessionRow(
        account_id=member.account_id,
        device_id=member.device_id,
        profile_id=profile_id,
        title_id=title_id,
        release_id=release_id,
        idempotency_key=key,
        expires_at=until,
        prepared=prepared,
        **context,
    )
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True, slots=True)
class Living:
    """A session that is not over, with what decides whether it may go on."""

    row: PlaybackSessionRow
    viewer: Viewer
    offer: Offer


_COLUMNS = (
    *("id", "account_id", "profile_id", "device_id", "title_id", "release_id", "started_at", "expires_at", "prepared"),
    *("device", "country", "isp"),
)
LIVING = f"""
    select {", ".join(f"s.{column}" for column in _COLUMNS)},
           t.state, t.current_release_id, t.maturity_rating, t.shown_from, w.territory, w.start, w."end"
    from playback_sessions s
    join releases r on r.id = s.release_id
    join titles t on t.id = s.title_id
    left join availability_windows w on w.title_id = s.title_id
    where s.id = $1::bigint and s.ended_at is null and s.expires_at > now() and r.state <> '{ReleaseState.WITHDRAWN}'
"""  # noqa: S608 (a constant of ours)
STOPPED = "select 1 from playback_sessions where id = $1::bigint and stopped"


async def living(ask: Ask, session_id: int) -> Living:
    """A session that has neither ended nor expired, and whose release is not withdrawn. Raises NotFound.

    Two statements, as every heartbeat, licence and edge asks this: the account is known by the second, which so asks
    one shard. Its row is a copy: changes to it are not kept.
    """
    rows = await ask(LIVING, session_id)
    if not rows:
        raise NotFound("no such playback session, or it is over", where="session_id", got=str(session_id))
    row = PlaybackSessionRow(**dict(zip(_COLUMNS, tuple(rows[0]), strict=False)))
    viewer = await viewers.get(ask, row.account_id, row.profile_id)
    return Living(row, viewer, titles.offer_of_rows([tuple(found)[len(_COLUMNS) :] for found in rows]))


async def was_stopped(ask: Ask, session_id: int) -> bool:
    """Whether a session was stopped from another device."""
    return bool(await ask(STOPPED, session_id))


def has_begun(session: Session, session_id: int) -> None:
    """Note that a session which was only prepared has begun."""
    session.execute(update(PlaybackSessionRow).where(PlaybackSessionRow.id == session_id).values(prepared=False))


def find(session: Session, session_id: int) -> PlaybackSessionRow | None:
    """A session as it is or was; None for one that was never begun, or whose profile is deleted."""
    return session.get(PlaybackSessionRow, session_id)


def end_session(session: Session, session_id: int, *, stopped: bool = False) -> None:
    """End a session, from another device if `stopped`; one that is over already stays as it is.

    Of one that was prepared and has not begun nothing is kept: nobody has played.
    """
    row = session.get(PlaybackSessionRow, session_id)
    if row is not None and row.prepared:
        session.delete(row)
    elif row is not None and row.ended_at is None:
        row.ended_at, row.stopped = now(), stopped
