"""Viewers: profiles, what they play and where they are in it."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue import recommendations
from marquee.catalogue.models import (
    ForgottenProfile,
    PlaybackSessionRow,
    ProfileRow,
    Progress,
    ReleaseRow,
    ReleaseState,
    Title,
    TitleState,
    now,
)
from marquee.contracts.errors import NotFound


def demo_profile(session: Session) -> ProfileRow:
    """The anonymous viewer who stands for everybody until there are accounts."""
    present = select(ProfileRow).filter_by(origin="demo")
    if profile := session.scalar(present):
        return profile
    statement = insert(ProfileRow).values(name="Demo viewer", languages=["en"], origin="demo")
    session.execute(statement.on_conflict_do_nothing())
    return session.scalars(present).one()


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


def save_progress(session: Session, profile_id: int, title_id: int, position_ms: int) -> None:
    """Remember a position in a title."""
    statement = insert(Progress).values(profile_id=profile_id, title_id=title_id, position_ms=position_ms)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["profile_id", "title_id"],
            set_={"position_ms": position_ms, "updated_at": now()},
        )
    )


def progress_ms(session: Session, profile_id: int, title_id: int) -> int:
    """The remembered position, 0 when there is none."""
    row = session.get(Progress, (profile_id, title_id))
    return row.position_ms if row else 0


def forget(session: Session, profile_id: int) -> None:
    """Delete a profile with its sessions, visits, progress and recommendations; the lake forgets it at the next run.

    Raises NotFound when there is no such profile.
    """
    gone = session.scalar(delete(ProfileRow).where(ProfileRow.id == profile_id).returning(ProfileRow.id))
    if gone is None:
        raise NotFound("no such profile", where="profile_id", got=str(profile_id))
    recommendations.forget(session, [profile_id])
    session.execute(insert(ForgottenProfile).values(profile_id=profile_id).on_conflict_do_nothing())
