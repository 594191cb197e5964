"""Lists what profiles have watched, and clears it."""

from api.deps import pick_language
from api.history.schemas import History, Watched
from api.release_cache import facts
from marquee.catalogue import progress, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import Progress, Title
from marquee.contracts.errors import NotFound
from marquee.contracts.members import Member
from marquee.members import profiles


def listed(member: Member, languages: tuple[str, ...]) -> History:
    """The titles that are still there, the last watched first."""
    with begin() as session:
        rows = progress.listed(session, member.account_id, profiles.chosen(member))
        known = titles.by_ids(session, [row.title_id for row in rows])
        items = [_watched(row, known[row.title_id], languages) for row in rows if row.title_id in known]
    return History(items=items)


def _watched(row: Progress, title: Title, languages: tuple[str, ...]) -> Watched:
    text = title.text(pick_language(languages, [text.language for text in title.texts]))
    try:
        found = facts(titles.release_of(title) or 0).marked(title.marks)
    except NotFound:  # a title that cannot be watched at the moment
        found = None
    return Watched(
        title_id=title.id,
        name=text.name,
        position_ms=row.position_ms,
        duration_ms=round(found.release.duration_s * 1000) if found else None,
        finished=found is not None and found.resume_ms(row.position_ms) == 0,
        watched_at=row.updated_at,
    )


def forget(member: Member, title_id: int | None = None) -> None:
    """Forget one title, or all."""
    with begin() as session:
        progress.forget(session, member.account_id, profiles.chosen(member), title_id)
