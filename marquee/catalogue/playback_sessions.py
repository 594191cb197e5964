"""Playback sessions: opened, looked up while they live, ended."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marquee.catalogue.models import PlaybackSessionRow, ReleaseRow, ReleaseState, Title, now
from marquee.contracts.errors import NotFound
from marquee.contracts.members import Member


def of_key(session: Session, profile_id: int, key: str) -> PlaybackSessionRow | None:
    """The session that a profile has opened with an idempotency key."""
    return session.scalar(select(PlaybackSessionRow).filter_by(profile_id=profile_id, idempotency_key=key))


def open_session(
    session: Session, member: Member, profile_id: int, title: Title, *, until: datetime, key: str, **context: str
) -> PlaybackSessionRow:
    """A playback session on the title's current release. Of one profile and key there is one only.

    `context` is the row's device, country and isp, where they are known.
    """
    row = PlaybackSessionRow(
        account_id=member.account_id,
        device_id=member.device_id,
        profile_id=profile_id,
        title_id=title.id,
        release_id=title.current_release_id,
        idempotency_key=key,
        expires_at=until,
        **context,
    )
    session.add(row)
    session.flush()
    return row


def live_session(session: Session, session_id: int) -> PlaybackSessionRow:
    """A session that has neither ended nor expired, and whose release is not withdrawn. Raises NotFound."""
    row = session.scalar(
        select(PlaybackSessionRow)
        .join(ReleaseRow, ReleaseRow.id == PlaybackSessionRow.release_id)
        .where(
            PlaybackSessionRow.id == session_id,
            PlaybackSessionRow.ended_at.is_(None),
            PlaybackSessionRow.expires_at > now(),
            ReleaseRow.state != ReleaseState.WITHDRAWN,
        )
    )
    if row is None:
        raise NotFound("no such playback session, or it is over", where="session_id", got=str(session_id))
    return row


def was_stopped(session: Session, session_id: int) -> bool:
    """Whether a session was stopped from another device."""
    wanted = PlaybackSessionRow.id == session_id, PlaybackSessionRow.stopped
    return session.scalar(select(PlaybackSessionRow.id).where(*wanted)) is not None


def end_session(session: Session, session_id: int, *, stopped: bool = False) -> None:
    """End a session, from another device if `stopped`; one that is over already stays as it is."""
    row = session.get(PlaybackSessionRow, session_id)
    if row is not None and row.ended_at is None:
        row.ended_at, row.stopped = now(), stopped
