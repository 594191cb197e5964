"""Imports a history and matches its titles with the catalogue's."""

from pathlib import Path

from sqlalchemy import select

from marquee.catalogue.database import begin
from marquee.catalogue.models import Title
from marquee.viewing.history.importing import Report, import_history
from marquee.viewing.pipeline.deletion import scrub_again


def take(path: Path, *, source: str, items: Path | None = None, viewers: Path | None = None) -> Report:
    """Import a history; titles that it names by our slugs or ids count as ours. See marquee.viewing.history."""
    with begin() as session:
        rows = session.execute(select(Title.slug, Title.id)).tuples().all()
    known = dict(rows) | {str(title_id): title_id for _, title_id in rows}
    report = import_history(path, source=source, items=items, viewers=viewers, known=known)
    scrub_again()
    return report
