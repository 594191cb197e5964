"""Published recommendations, as they are read: always of one generation, whatever is published meanwhile."""

from collections.abc import Sequence

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from marquee.catalogue.models import Generation, Recommendation, SimilarTitles


def live_generation(session: Session) -> Generation | None:
    """The generation that is being served; none before the first publication."""
    return session.scalar(select(Generation).where(Generation.live))


def generation(session: Session, generation_id: int) -> Generation | None:
    return session.get(Generation, generation_id)


def published(session: Session, model: str, audience: str) -> Generation | None:
    """A generation of a model for an audience that has been served and is kept; none where there is none."""
    same = and_(Generation.model == model, Generation.audience == audience, Generation.switched_at.is_not(None))
    return session.scalars(select(Generation).where(same)).first()


def recommended(session: Session, profile_id: int) -> tuple[int | None, list[int]]:
    """The live generation and a profile's best titles in it, best first: none for a profile that it does not know.

    One statement, so both are of one moment.
    """
    same = and_(Recommendation.generation_id == Generation.id, Recommendation.profile_id == profile_id)
    statement = select(Generation.id, Recommendation.title_ids).outerjoin(Recommendation, same).where(Generation.live)
    found = session.execute(statement).first()
    return (None, []) if found is None else (found[0], found[1] or [])


def similar(session: Session, title_ids: Sequence[int], *, generation_id: int | None = None) -> dict[int, list[int]]:
    """The titles most like each of the given ones, best first; titles that the generation does not know are left out.

    Without `generation_id` it is the live one. Give the one that `recommended` named to stay within it: the generation
    before the live one is kept. Of one that is gone there is nothing; never another's titles.
    """
    which = Generation.live if generation_id is None else Generation.id == generation_id
    statement = (
        select(SimilarTitles.title_id, SimilarTitles.title_ids)
        .join(Generation, Generation.id == SimilarTitles.generation_id)
        .where(which, SimilarTitles.title_id.in_(title_ids))
    )
    return {row.title_id: row.title_ids for row in session.execute(statement)}


def delete_profiles(session: Session, profile_ids: Sequence[int]) -> int:
    """Remove profiles from every generation that is kept; returns how many rows went."""
    statement = delete(Recommendation).where(Recommendation.profile_id.in_(profile_ids))
    return len(session.scalars(statement.returning(Recommendation.profile_id)).all())
