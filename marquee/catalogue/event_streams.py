"""Who the viewer of an event stream is: of a playback session's or a visit's."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from marquee.catalogue.models import PlaybackSessionRow, ProfileRow, Title, VisitRow
from marquee.contracts.title import Kind


@dataclass(frozen=True)
class StreamContext:
    """The viewer of a stream, and what is played in it; a visit has neither title nor release."""

    profile_id: int
    origin: str
    device: str
    country: str
    isp: str
    title_id: int | None = None
    release_id: int | None = None


def of_sessions(session: Session, session_ids: Collection[int]) -> dict[int, StreamContext]:
    """By id, those of the ids that are playback sessions, over or not. Those of trailers are none: they are no viewing,
    and neither their players' events nor the edges' requests count.
    """
    row = PlaybackSessionRow
    found = session.execute(
        select(
            row.id, row.profile_id, ProfileRow.origin, row.device, row.country, row.isp, row.title_id, row.release_id
        )
        .join(ProfileRow, and_(ProfileRow.account_id == row.account_id, ProfileRow.id == row.profile_id))
        .join(Title, Title.id == row.title_id)
        .where(row.id.in_(session_ids), Title.kind != Kind.TRAILER)
    )
    return {line[0]: StreamContext(*line[1:]) for line in found}


def of_visits(session: Session, visit_ids: Collection[int]) -> dict[int, StreamContext]:
    """By id, those of the ids that are visits."""
    row = VisitRow
    found = session.execute(
        select(row.id, row.profile_id, ProfileRow.origin, row.device, row.country, row.isp)
        .join(ProfileRow, and_(ProfileRow.account_id == row.account_id, ProfileRow.id == row.profile_id))
        .where(row.id.in_(visit_ids))
    )
    return {line[0]: StreamContext(*line[1:]) for line in found}
