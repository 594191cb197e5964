"""Deletes a title: caches, replicas, work files, sources, and its rows last of all.

Until the rows are gone the title is `deleting`, which nobody sees, and all of this can be done again from the start.
Bytes that another title shares stay.
"""

from collections.abc import Sequence

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from marquee.catalogue import deletions, releases, title_versions
from marquee.catalogue.database import begin
from marquee.catalogue.models import DeliveryRow, ReleaseRow, Title, TitleState, now
from marquee.content.desk import artwork
from marquee.content.desk.work_files import delete_work
from marquee.content.origin.replica import withdraw
from marquee.content.pipeline import releasing
from marquee.content.pipeline.stores import mezzanine, origins, work
from marquee.contracts.errors import Conflict, NotFound
from marquee.logs import log

NO_NEW_DELIVERIES = text("lock table deliveries in share mode")  # a film that is taken now may be one that goes
OWN_SOURCES = text(
    """with files as (
           select d.id, f.key from deliveries d, lateral (
               select d.document #>> '{source,key}' as key
               union all select e.value ->> 'key' from jsonb_each(d.document -> 'extras') e
               union all select t.value #>> '{stored,key}' from jsonb_array_elements(d.document -> 'tracks') t) f
           where d.state = 'accepted')
       select key from files group by key having bool_and(id = any(:ids))"""
)


def delete_title(title_id: int) -> None:
    """Delete all of a title whose time of grace is over. Done again, or after it is gone, it changes nothing.

    Raises Conflict for a title that is to stay, Unavailable when a cache is away or a backup is being made.
    """
    with deletions.allowed():
        _delete_title(title_id)


def _delete_title(title_id: int) -> None:
    with begin() as session:
        try:
            title = title_versions.hold(session, title_id)
        except NotFound:
            return
        _check_due(title)
        slug, made = title.slug, releases.of_title(session, title_id)
        plans = _own_plans(session, title_id)
        reports = [f"qc/{row}" for row in session.scalars(select(DeliveryRow.id).filter_by(title_id=title_id))]
    releasing.purge(slug)
    for row in made:
        if row.document is not None:
            withdraw(releases.document(row), origins())
    for store in origins().values():
        store.delete(str(title_id))  # also what a killed publication has left
    for plan in plans:
        with begin() as session:
            delete_work(session, plan, remember=False)
    for key in reports:
        work().delete(key)
    mezzanine().delete(artwork.sources(title_id))
    with begin() as session:
        session.execute(NO_NEW_DELIVERIES)
        ids = session.scalars(select(DeliveryRow.id).filter_by(title_id=title_id)).all()
        for key in sorted(own_sources(session, ids)):
            delete_source(key)
        _delete_rows(session, title_id)
    log.info("deleted", title=slug, title_id=title_id, releases=len(made))


def own_sources(session: Session, delivery_ids: Sequence[int]) -> set[str]:
    """The keys in the mezzanine store that these accepted deliveries have, and no other one."""
    return set(session.scalars(OWN_SOURCES, {"ids": list(delivery_ids)}))


def _check_due(title: Title) -> None:
    if title.state != TitleState.DELETING or title.delete_at is None or title.delete_at > now():
        raise Conflict("this title is not to be deleted now", where=f"title {title.slug}", got=title.state)


def _own_plans(session: Session, title_id: int) -> set[str]:
    """The plans that no other title's releases are made by: titles of one film may share them."""
    own = set(session.scalars(select(ReleaseRow.plan).where(ReleaseRow.title_id == title_id)))
    shared = select(ReleaseRow.plan).where(ReleaseRow.plan.in_(own), ReleaseRow.title_id != title_id)
    return own - set(session.scalars(shared))


def delete_source(key: str) -> None:
    """Delete a file of the mezzanine store with what was measured of it."""
    mezzanine().delete(key)
    work().delete(f"measured/{key.partition('/')[0]}")


def _delete_rows(session: Session, title_id: int) -> None:
    session.execute(delete(DeliveryRow).where(DeliveryRow.title_id == title_id))
    session.execute(text("update titles set current_release_id = null where id = :id"), {"id": title_id})
    session.execute(delete(Title).where(Title.id == title_id))
