"""Releases, their content keys, and the pointer that viewers follow."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, lazyload

from marquee.catalogue import titles
from marquee.catalogue.models import ContentKeyRow, Publication, ReleaseRow, ReleaseState, Title, TitleState, now
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


def whole(session: Session, title_id: int, release_id: int) -> ReleaseRow:
    """A complete release of a title, shown to viewers or not.

    Raises NotFound, and Conflict for one that is still being made or was collected.
    """
    row = get(session, release_id)
    if row.title_id != title_id:
        raise NotFound("no such release of this title", where="release_id", got=str(release_id))
    if not is_whole(row):
        raise Conflict("only a complete release can be shown", where=f"release {release_id}", got=row.state)
    return row


def is_known(session: Session, release_id: int) -> bool:
    """Whether there is such a release, and it is whole."""
    row = session.get(ReleaseRow, release_id)
    return row is not None and is_whole(row)


def is_whole(row: ReleaseRow) -> bool:
    """Whether a release is packaged, and its bytes were not collected."""
    return row.document is not None and row.state != ReleaseState.WITHDRAWN


def packaged(session: Session) -> list[int]:
    """The ids of all releases that are packaged and not collected."""
    whole = ReleaseRow.document.is_not(None), ReleaseRow.state != ReleaseState.WITHDRAWN
    return list(session.scalars(select(ReleaseRow.id).where(*whole).order_by(ReleaseRow.id)))


def of_source(session: Session, source: str) -> list[ReleaseRow]:
    """The published releases that were made from a film, by its hash; the newest first."""
    statement = select(ReleaseRow).filter_by(source=source, state=ReleaseState.PUBLISHED)
    return list(session.scalars(statement.order_by(ReleaseRow.id.desc())))


def point(session: Session, release_id: int, *, action: str, actor: str) -> bool:
    """Make a release the one that viewers get. False when it already was: then nothing is written.

    A title that a person has taken away stays away. A schedule that was due before is noted first, and one of this
    very release is done.
    """
    title = titles.get(session, get(session, release_id).title_id)
    row = whole(session, title.id, release_id)
    note(session, title)
    if title.scheduled_release_id == release_id:
        unschedule(title)
    if title.current_release_id == release_id:
        return False
    _show(session, title, row, action, actor)
    return True


def note(session: Session, title: Title) -> bool:
    """Note that a title shows its scheduled release, as readers know since its moment came. False where none is due.

    A schedule whose release was collected stays.
    """
    row = get(session, title.scheduled_release_id or 0) if titles.due(title) else None
    if row is None or not is_whole(row):
        return False
    by = title.scheduled_by or "schedule"
    unschedule(title)
    if title.current_release_id != row.id:
        _show(session, title, row, "publish", by)
    return True


def _show(session: Session, title: Title, row: ReleaseRow, action: str, actor: str) -> None:
    row.state, row.published_at = ReleaseState.PUBLISHED, row.published_at or now()
    title.current_release_id = row.id
    if title.state not in titles.TAKEN_AWAY:
        title.state, title.state_reason = TitleState.PUBLISHED, None
    session.add(Publication(title_id=title.id, release_id=row.id, action=action, actor=actor))
    session.flush()


def schedule(title: Title, release_id: int, at: datetime, by: str) -> None:
    """Have a title point at a release from a moment on, in the place of what was scheduled before."""
    title.scheduled_release_id, title.scheduled_at, title.scheduled_by = release_id, at, by


def unschedule(title: Title) -> None:
    """Take that back."""
    title.scheduled_release_id = title.scheduled_at = title.scheduled_by = None


def due(session: Session) -> list[tuple[int, datetime]]:
    """The titles whose scheduled moment has come and is not noted yet, and that moment."""
    found = session.execute(select(Title.id, Title.scheduled_at).where(*DUE).join(ReleaseRow, SCHEDULED))
    return [(title_id, at) for title_id, at in found if at]


def show_due(session: Session) -> list[tuple[str, int]]:
    """Note all that is due; slug and release of each. A title that somebody holds just now is left to the next time."""
    wanted = select(Title).join(ReleaseRow, SCHEDULED).where(*DUE).order_by(Title.scheduled_at)
    held = wanted.options(lazyload(Title.current_release)).with_for_update(of=Title, skip_locked=True)
    return [(t.slug, t.current_release_id or 0) for t in session.scalars(held).all() if note(session, t)]


SCHEDULED = ReleaseRow.id == Title.scheduled_release_id
DUE = (
    Title.scheduled_at <= func.now(),
    Title.state != TitleState.DELETING,
    ReleaseRow.document.is_not(None),
    ReleaseRow.state != ReleaseState.WITHDRAWN,
)


def previous(session: Session, title_id: int) -> ReleaseRow:
    """The release shown before the present one. Raises NotFound when there was none."""
    title = titles.get(session, title_id)
    note(session, title)
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


def add_key(
    session: Session, release_id: int, track_type: str, kid: str, wrapped: bytes, scheme: str = "", period: int = 0
) -> None:
    """Keep a wrapped content key, unless the release has one for this track type, scheme and crypto period already."""
    said = {"release_id": release_id, "track_type": track_type, "scheme": scheme, "crypto_period": period}
    statement = insert(ContentKeyRow).values(kid=kid, wrapped=wrapped, **said)
    session.execute(statement.on_conflict_do_nothing())


def keys(session: Session, release_id: int) -> list[ContentKeyRow]:
    """The wrapped content keys of a release."""
    return list(session.scalars(select(ContentKeyRow).filter_by(release_id=release_id)))


def keys_after(session: Session, kid: str, most: int) -> list[ContentKeyRow]:
    """The wrapped keys of all releases behind a key id, in their order, held until the transaction ends."""
    statement = select(ContentKeyRow).where(ContentKeyRow.kid > kid).order_by(ContentKeyRow.kid).limit(most)
    return list(session.scalars(statement.with_for_update()))


def with_old_keys(session: Session, before: datetime, most: int) -> list[ReleaseRow]:
    """Releases that viewers get whose content keys are older than a moment, those with the oldest first."""
    statement = (
        select(ReleaseRow)
        .join(Title, Title.current_release_id == ReleaseRow.id)
        .join(ContentKeyRow, ContentKeyRow.release_id == ReleaseRow.id)
        .where(Title.state == TitleState.PUBLISHED, ReleaseRow.state == ReleaseState.PUBLISHED)
        .group_by(ReleaseRow.id)
        .having(func.min(ContentKeyRow.created_at) < before)
        .order_by(func.min(ContentKeyRow.created_at))
        .limit(most)
    )
    return list(session.scalars(statement))


class WrappedKey(NamedTuple):
    """A content key as it is kept."""

    kid: str
    track: TrackType
    wrapped: bytes


KEYS = "select kid, track_type, wrapped from content_keys where release_id = $1::bigint"


async def wrapped_keys(ask: Ask, release_id: int) -> list[WrappedKey]:
    """The content keys of a release."""
    return [WrappedKey(kid, TrackType(track), wrapped) for kid, track, wrapped in await ask(KEYS, release_id)]
