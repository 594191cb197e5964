"""The plot of a release's searched ladder."""

from marquee.catalogue import releases
from marquee.catalogue.database import begin
from marquee.content.media.hull.plot import draw
from marquee.content.pipeline import plans
from marquee.contracts.errors import NotFound


def ladder_plot(title_id: int, release_id: int) -> str:
    """An SVG document. Raises NotFound for a release of another title, or one with a fixed ladder."""
    with begin() as session:
        row = releases.get(session, release_id)
        plan = row.plan if row.title_id == title_id else ""
    found = plans.ladder(plan) if plan else None
    if found is None:
        raise NotFound("no ladder was searched for it", where=f"release {release_id} of title {title_id}")
    return draw(found)
