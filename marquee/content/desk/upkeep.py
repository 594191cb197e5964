"""Carries out what people have asked of titles: releases are shown at their moment, caches purged, titles deleted.

Each step can be killed and run again: what is due stays noted until it is done.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update

from marquee.catalogue import deletions, releases, title_versions
from marquee.catalogue.database import begin
from marquee.catalogue.models import Title, TitleState, now
from marquee.content.desk import deletion
from marquee.content.origin import pictures
from marquee.content.pipeline import releasing
from marquee.content.pipeline.stores import origins
from marquee.contracts.errors import NotFound, Unavailable
from marquee.logs import log

FORMER_STAYS = timedelta(hours=1)  # a picture that pages which are open may still name


def waiting() -> frozenset[tuple[int, datetime]]:
    """What is due now, as (title, since when)."""
    with begin() as session:
        purges = session.execute(select(Title.id, Title.purge_asked_at).where(Title.purge_asked_at.is_not(None)))
        deletions = session.execute(select(Title.id, Title.delete_at).where(*_due()))
        former = session.execute(select(Title.id, Title.artwork_changed_at).where(_replaced()))
        found = (*purges, *deletions, *former, *releases.due(session))
        return frozenset((title_id, at) for title_id, at in found if at)


def publish_due() -> list[str]:
    """Note that viewers get the releases whose scheduled moment has come; the titles' slugs."""
    with begin() as session:
        shown = releases.show_due(session)
    for slug, release_id in shown:
        log.info("publish", title=slug, release_id=release_id, by="schedule")
    return [slug for slug, _ in shown]


def purge_caches() -> int:
    """Take the files of titles that were taken away out of all caches; of how many titles. A cache may keep what it
    has if it is away: nobody gets it there, as each request is asked for its session, and the next run comes back.
    """
    with begin() as session:
        wanted = select(Title.id, Title.slug, Title.purge_asked_at).where(Title.purge_asked_at.is_not(None))
        asked = [(title_id, slug, at) for title_id, slug, at in session.execute(wanted) if at]
    return sum(_purge(title_id, slug, at) for title_id, slug, at in asked)


def collect_pictures() -> int:
    """Delete pictures that titles have not shown for an hour, from replicas and caches; of how many titles.

    What they were made of stays with the title, so that their change can be undone. A cache that is away waits.
    """
    with begin() as session:
        asked = session.execute(select(Title.id, Title.artwork_changed_at).where(_replaced())).all()
    return sum(_collect_pictures(title_id, at) for title_id, at in asked if at)


def delete_due() -> list[str]:
    """Delete the titles whose time of grace is over; their slugs. Raises Unavailable after all that can be is done."""
    with begin() as session:
        due = list(session.execute(select(Title.id, Title.slug).where(*_due()).order_by(Title.delete_at)))
    failed = []
    for title_id, slug in due:
        try:
            deletion.delete_title(title_id)
        except Unavailable as error:
            log.warning("deletion waits", title=slug, reason=str(error))
            failed.append(slug)
    if failed:
        raise Unavailable(
            "titles cannot be deleted yet", where=", ".join(failed), expected="caches and stores to answer"
        )
    return [slug for _, slug in due]


def _due() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Title.state == TitleState.DELETING, Title.delete_at <= now()


def _replaced() -> ColumnElement[bool]:
    return Title.artwork_changed_at <= now() - FORMER_STAYS


def _collect_pictures(title_id: int, changed_at: datetime) -> bool:
    """The row is held while they are deleted, so that none of them is given to the title at that moment."""
    try:
        with deletions.allowed(), begin() as session:
            title = title_versions.hold(session, title_id)
            known = title_versions.picture_files(session, title_id) | pictures.names(title_id, origins())
            former = known - {each["file"] for each in title.artwork.values()}
            pictures.delete(title_id, former, origins())
        releasing.purge_pictures(title_id, former)
    except (NotFound, Unavailable) as error:
        log.warning("pictures wait", title_id=title_id, reason=str(error))
        return False
    with begin() as session:  # unless one was replaced meanwhile
        asked = Title.id == title_id, Title.artwork_changed_at == changed_at
        session.execute(update(Title).where(*asked).values(artwork_changed_at=None, updated_at=Title.updated_at))
    return True


def _purge(title_id: int, slug: str, asked_at: datetime) -> bool:
    try:
        releasing.purge(slug)
    except Unavailable as error:
        log.warning("purge waits", title=slug, reason=str(error))
        return False
    with begin() as session:  # unless it was asked for again meanwhile
        asked = Title.id == title_id, Title.purge_asked_at == asked_at
        session.execute(update(Title).where(*asked).values(purge_asked_at=None, updated_at=Title.updated_at))
    return True
