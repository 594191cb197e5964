"""Playback sessions: opened, looked up while they live, ended."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import PlaybackSessionRow, ReleaseRow, ReleaseState, Title, TitleState, now
from marquee.contracts.errors import NotFound


def open_session(
    session: Session, profile_id: int, title: Title, *, lifetime_s: int, idempotency_key: str, **context: str
) -> tuple[PlaybackSessionRow, bool]:
    """A playback session on the title's current release, and whether it is new; one per idempotency key.

    `context` is the row's device, country and isp, where they are known.
    """
    statement = insert(PlaybackSessionRow).values(
        profile_id=profile_id,
        title_id=title.id,
        release_id=title.current_release_id,
        idempotency_key=idempotency_key,
        expires_at=now() + timedelta(seconds=lifetime_s),
        **context,
    )
    new = session.scalar(statement.on_conflict_do_nothing().returning(PlaybackSessionRow.id))
    same = {"profile_id": profile_id, "idempotency_key": idempotency_key}
    return session.scalars(select(PlaybackSessionRow).filter_by(**same)).one(), new is not None


def live_session(session: Session, session_id: int) -> PlaybackSessionRow:
    """A session that has neither ended nor expired, and whose title and release are not withdrawn. Raises NotFound."""
    row = session.scalar(
        select(PlaybackSessionRow)
        .join(Title, Title.id == PlaybackSessionRow.title_id)
        .join(ReleaseRow, ReleaseRow.id == PlaybackSessionRow.release_id)
        .where(
            PlaybackSessionRow.id == session_id,
            PlaybackSessionRow.ended_at.is_(None),
            PlaybackSessionRow.expires_at > now(),
            Title.state != TitleState.WITHDRAWN,
            ReleaseRow.state != ReleaseState.WITHDRAWN,
        )
    )
    if row is None:
        raise NotFound("no such playback session, or it is over", where="session_id", got=str(session_id))
    return row


def end_session(session: Session, session_id: int) -> None:
    """End a session; one that is over already stays as it is."""
    row = session.get(PlaybackSessionRow, session_id)
    if row is not None and row.ended_at is None:
        row.ended_at = now()
