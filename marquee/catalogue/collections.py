"""Collections, as people change them."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from marquee.catalogue.models import CollectionRow, CollectionText, CollectionTitle, Title
from marquee.contracts.collection import Collection, CollectionWords
from marquee.contracts.errors import NotFound


def put(session: Session, wanted: Collection) -> None:
    """Make a collection, or change the one of this slug. Raises NotFound for a title that is not in the catalogue."""
    found = select(Title.slug, Title.id).where(Title.slug.in_(wanted.titles))
    ids = dict(session.execute(found).tuples().all())
    if missing := [slug for slug in wanted.titles if slug not in ids]:
        raise NotFound("no such title", where="titles", expected="slugs of titles", got=missing[0])
    row = session.scalar(select(CollectionRow).where(CollectionRow.slug == wanted.slug).with_for_update())
    if row is None:
        row = CollectionRow(slug=wanted.slug)
        session.add(row)
    row.position, row.original_language = wanted.position, wanted.original_language
    row.start, row.end = wanted.start, wanted.end
    row.texts, row.titles = [], []
    session.flush()
    row.texts = [CollectionText(language=k, name=t.name, description=t.description) for k, t in wanted.texts.items()]
    row.titles = [CollectionTitle(position=n, title_id=ids[slug]) for n, slug in enumerate(wanted.titles)]
    session.flush()


def listed(session: Session) -> list[Collection]:
    """All of them, open or not, in their order."""
    rows = session.scalars(select(CollectionRow).order_by(CollectionRow.position, CollectionRow.slug)).all()
    return [_written(session, row) for row in rows]


def _written(session: Session, row: CollectionRow) -> Collection:
    ids = [each.title_id for each in row.titles]
    return Collection(
        slug=row.slug,
        texts={text.language: CollectionWords(name=text.name, description=text.description) for text in row.texts},
        original_language=row.original_language,
        titles=tuple(_slugs(session, ids)),
        position=row.position,
        start=row.start,
        end=row.end,
    )


def _slugs(session: Session, title_ids: Sequence[int]) -> list[str]:
    known = dict(session.execute(select(Title.id, Title.slug).where(Title.id.in_(title_ids))).tuples().all())
    return [known[title_id] for title_id in title_ids]


def remove(session: Session, slug: str) -> None:
    """Take a collection away; its titles stay. Raises NotFound."""
    if session.scalar(delete(CollectionRow).where(CollectionRow.slug == slug).returning(CollectionRow.id)) is None:
        raise NotFound("no such collection", where="slug", got=slug)
