"""Has viewers get a chosen release from a moment on, also in the place of one that they get now.

The moment is a column of the title that every reader compares with now, so nothing has to run for it to hold. That the
pointer moves, and the history of publications has it, is noted afterwards by whoever is up: each API process looks once
a second and when it starts, Title upkeep and `marquee title upkeep` too.
"""

from datetime import datetime

from marquee.catalogue import releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import ReleaseRow, Title, TitleState, now
from marquee.content.desk.editing import Changed
from marquee.content.desk.standing import changing, check_zone, told, unchanged
from marquee.content.pipeline.integrity import require_whole
from marquee.contracts.errors import Conflict, InvalidInput


def schedule(title_id: int, release_id: int, version: int | None = None, *, at: datetime, actor: str) -> Changed:
    """Publish a complete release at a moment to come; a title has one such schedule, and a new one takes its place.

    What is published in the meantime does not end it. Raises NotFound, Outdated, InvalidInput for a moment that has
    passed, Conflict for a release that is not complete or is shown already, Unavailable when a replica lacks some of
    it, GateFailed when it is not signed as it is.
    """
    check_zone(at)
    if at <= now():
        raise InvalidInput("this moment has passed", where="at", expected="one to come", got=at.isoformat())
    with begin() as session:
        release = releases.document(releases.whole(session, title_id, release_id))
    # Before the title is held: object storage may take its time. Packaging has read the bytes, scrubbing keeps them.
    require_whole(release, read=False)
    with changing(title_id, version, "schedule", actor) as (session, title):
        releases.note(session, title)  # what is due already has come first
        _check(title, releases.whole(session, title_id, release_id))
        if (title.scheduled_release_id, title.scheduled_at) == (release_id, at):
            return unchanged(title)
        releases.schedule(title, release_id, at, actor)
    return told(title)


def cancel(title_id: int, version: int | None = None, *, actor: str) -> Changed:
    """Take a schedule back: viewers go on with what they get. Raises NotFound, Outdated, Conflict once it is due."""
    with changing(title_id, version, "unschedule", actor) as (_, title):
        if title.scheduled_at is None:
            return unchanged(title)
        if titles.due(title):
            got = title.scheduled_at.isoformat()
            raise Conflict("its moment has come", where=f"title {title.slug}", expected="roll back instead", got=got)
        releases.unschedule(title)
    return told(title)


def _check(title: Title, row: ReleaseRow) -> None:
    if title.state == TitleState.DELETING:
        raise Conflict("the title is being deleted", where=f"title {title.slug}", expected="keep")
    if title.current_release_id == row.id:
        raise Conflict("viewers get this release", where=f"release {row.id}", expected="another one")
