"""Releases, their content keys, and the pointer that viewers follow."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue import titles
from marquee.catalogue.models import ContentKeyRow, Publication, ReleaseRow, ReleaseState, TitleState, now
from marquee.catalogue.rows import Ask
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.keys import TrackType
from marquee.contracts.release import Release


def open_release(session: Session, title_id: int, plan: str, fingerprint: str, source: str | None = None) -> ReleaseRow:
    """The release of this plan and delivery: the one already begun or finished, else a new one.

    One whose bytes were collected is begun anew. `source` is the hash of the film.
    """
    statement = insert(ReleaseRow).values(title_id=title_id, plan=plan, fingerprint=fingerprint, source=source)
    anew = {"state": ReleaseState.BUILDING, "document": None, "published_at": None, "created_at": now()}
    collected = ReleaseRow.state == ReleaseState.WITHDRAWN
    session.execute(
        statement.on_conflict_do_update(index_elements=["title_id", "plan", "fingerprint"], set_=anew, where=collected)
    )
    same = {"title_id": title_id, "plan": plan, "fingerprint": fingerprint}
    return session.scalars(select(ReleaseRow).filter_by(**same)).one()


def get(session: Session, release_id: int) -> ReleaseRow:
    """Raises NotFound."""
    if row := session.get(ReleaseRow, release_id):
        return row
    raise NotFound("no such release", where="release_id", got=str(release_id))


def document(row: ReleaseRow) -> Release:
    """release.json of a packaged release. Raises Conflict while it is still being built."""
    if row.document is None:
        raise Conflict("the release is not packaged yet", where=f"release {row.id}", got=row.state)
    return Release.model_validate(row.document)


def published(session: Session, title_id: int) -> list[ReleaseRow]:
    """Releases a title can be pointed at, newest first."""
    statement = select(ReleaseRow).filter_by(title_id=title_id, state=ReleaseState.PUBLISHED)
    return list(session.scalars(statement.order_by(ReleaseRow.published_at.desc())))


def of_title(session: Session, title_id: int) -> list[ReleaseRow]:
    """All releases of a title, the newest first."""
    return list(session.scalars(select(ReleaseRow).filter_by(title_id=title_id).order_by(ReleaseRow.id.desc())))


def of_source(session: Session, source: str) -> list[ReleaseRow]:
    """The published releases that were made from a film, by its hash; the newest first."""
    statement = select(ReleaseRow).filter_by(source=source, state=ReleaseState.PUBLISHED)
    return list(session.scalars(statement.order_by(ReleaseRow.id.desc())))


def point(session: Session, release_id: int, *, action: str, actor: str) -> bool:
    """Make a release the one that viewers get. False when it already was: then nothing is written.

    A title that a person has taken away stays away.
    """
    row = get(session, release_id)
    title = titles.get(session, row.title_id)
    if row.document is None or row.state == ReleaseState.WITHDRAWN:
        raise Conflict("only a complete release can be shown", where=f"release {release_id}", got=row.state)
    if title.current_release_id == release_id:
        return False
    row.state, row.published_at = ReleaseState.PUBLISHED, row.published_at or now()
    title.current_release_id = release_id
    if title.state not in titles.TAKEN_AWAY:
        title.state, title.state_reason = TitleState.PUBLISHED, None
    session.add(Publication(title_id=title.id, release_id=release_id, action=action, actor=actor))
    session.flush()
    return True


def previous(session: Session, title_id: int) -> ReleaseRow:
    """The release shown before the present one. Raises NotFound when there was none."""
    title = titles.get(session, title_id)
    statement = (
        select(ReleaseRow)
        .join(Publication, Publication.release_id == ReleaseRow.id)
        .where(
            Publication.title_id == title_id,
            ReleaseRow.id != title.current_release_id,
            ReleaseRow.state == ReleaseState.PUBLISHED,
        )
        .order_by(Publication.at.desc())
        .limit(1)
    )
    if row := session.scalar(statement):
        return row
    raise NotFound("no earlier release to go back to", where=f"title {title.slug}")


def add_key(session: Session, release_id: int, track_type: str, kid: str, wrapped: bytes) -> None:
    """Keep a wrapped content key, unless the release has one for this track type already."""
    statement = insert(ContentKeyRow).values(release_id=release_id, track_type=track_type, kid=kid, wrapped=wrapped)
    session.execute(statement.on_conflict_do_nothing())


def keys(session: Session, release_id: int) -> list[ContentKeyRow]:
    """The wrapped content keys of a release."""
    return list(session.scalars(select(ContentKeyRow).filter_by(release_id=release_id)))


class WrappedKey(NamedTuple):
    """A content key as it is kept."""

    kid: str
    track: TrackType
    wrapped: bytes


KEYS = "select kid, track_type, wrapped from content_keys where release_id = $1::bigint"


async def wrapped_keys(ask: Ask, release_id: int) -> list[WrappedKey]:
    """The content keys of a release."""
    return [WrappedKey(kid, TrackType(track), wrapped) for kid, track, wrapped in await ask(KEYS, release_id)]
