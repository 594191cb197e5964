"""Playback sessions: opened, looked up while they live, ended."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marquee.catalogue import titles, viewers
from marquee.catalogue.models import AvailabilityWindow, PlaybackSessionRow, ReleaseRow, ReleaseState, Title, now
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


_SHOWN = (
    select(PlaybackSessionRow, *titles.OFFER)
    .join(ReleaseRow, ReleaseRow.id == PlaybackSessionRow.release_id)
    .join(Title, Title.id == PlaybackSessionRow.title_id)
    .outerjoin(AvailabilityWindow, AvailabilityWindow.title_id == PlaybackSessionRow.title_id)
    .where(PlaybackSessionRow.ended_at.is_(None), ReleaseRow.state != ReleaseState.WITHDRAWN)
)


def living(session: Session, session_id: int) -> Living:
    """A session that has neither ended nor expired, and whose release is not withdrawn. Raises NotFound.

    Two statements, as every heartbeat and every edge asks this: the account is known by the second, which so is
    planned for one partition.
    """
    asked = PlaybackSessionRow.id == session_id, PlaybackSessionRow.expires_at > now()
    rows = session.execute(_SHOWN.where(*asked)).all()
    if not rows:
        raise NotFound("no such playback session, or it is over", where="session_id", got=str(session_id))
    row: PlaybackSessionRow = rows[0][0]
    viewer = viewers.get(session, row.account_id, row.profile_id)
    return Living(row, viewer, titles.offer_of_rows([tuple(found)[1:] for found in rows]))


def find(session: Session, session_id: int) -> PlaybackSessionRow | None:
    """A session as it is or was; None for one that was never begun, or whose profile is deleted."""
    return session.get(PlaybackSessionRow, session_id)


def was_stopped(session: Session, session_id: int) -> bool:
    """Whether a session was stopped from another device."""
    wanted = PlaybackSessionRow.id == session_id, PlaybackSessionRow.stopped
    return session.scalar(select(PlaybackSessionRow.id).where(*wanted)) is not None


def end_session(session: Session, session_id: int, *, stopped: bool = False) -> None:
    """End a session, from another device if `stopped`; one that is over already stays as it is.

    Of one that was prepared and has not begun nothing is kept: nobody has played.
    """
    row = session.get(PlaybackSessionRow, session_id)
    if row is not None and row.prepared:
        session.delete(row)
    elif row is not None and row.ended_at is None:
        row.ended_at, row.stopped = now(), stopped
