"""Publishes the demo's own films: the whole way of a delivery, intake to publication, in this process."""

from collections.abc import Iterable
from pathlib import Path

from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.content.pipeline import inline
from marquee.settings import settings

LADDER = "preview"  # few sizes, quickly made


def inbox() -> Path:
    """The folder of the demo's deliveries, which the watch of the platform's inbox does not look into."""
    return settings().home / "demo-films"


def unpublished(slugs: Iterable[str]) -> set[str]:
    """Those of the titles that never were published."""
    with begin() as session:
        found = {slug: titles.by_slug(session, slug) for slug in slugs}
        return {slug for slug, title in found.items() if title is None or title.current_release_id is None}


def publish(slug: str) -> None:
    """Carry a delivery of the inbox to publication. Raises what any step raises."""
    inline.carry(slug, inbox=inbox(), ladder=LADDER, actor="demo")
