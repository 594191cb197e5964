"""Changes of where a title stands for viewers: each is a transaction that holds the title, and makes a version."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from marquee.catalogue import title_versions
from marquee.catalogue.database import begin
from marquee.catalogue.models import Title
from marquee.content.desk.editing import Changed
from marquee.contracts.errors import InvalidInput
from marquee.logs import log

STANDING = ("state", "shown_from", "delete_at", "scheduled_release_id", "scheduled_at")  # what such changes are of


@contextmanager
def changing(
    title_id: int, version: int | None, action: str, actor: str, note: str = ""
) -> Iterator[tuple[Session, Title]]:
    """A title held for a change of where it stands; the version is noted if anything has changed.

    Raises NotFound, and Outdated when `version` is not the title's.
    """
    with begin() as session:
        title = title_versions.hold(session, title_id, version)
        before = _standing(title)
        yield session, title
        after = _standing(title)
        changed = title_versions.differences(before, after, frozenset())
        if changed:
            title_versions.record(session, title, action, actor, changed, note)
            log.info(action, title=title.slug, version=title.version, actor=actor)


def told(title: Title) -> Changed:
    """The answer to a change."""
    return Changed(title_id=title.id, version=title.version, changed=True)


def unchanged(title: Title) -> Changed:
    """The answer where all was so before."""
    return Changed(title_id=title.id, version=title.version, changed=False)


def check_zone(at: datetime | None) -> None:
    """Raises InvalidInput for a moment without its zone."""
    if at is not None and at.tzinfo is None:
        raise InvalidInput("a moment needs its zone", where="at", expected="2026-12-01T20:00:00Z", got=at.isoformat())


def _standing(title: Title) -> dict[str, str | None]:
    values = {name: getattr(title, name) for name in STANDING}
    return {name: _written(value) for name, value in values.items()}


def _written(value: str | int | datetime | None) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)
