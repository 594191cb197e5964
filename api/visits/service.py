"""Opens visits: whom a home page was shown to, and where."""

from api.context import Context
from api.visits.schemas import Visit
from marquee.catalogue import profiles
from marquee.catalogue.database import begin
from marquee.catalogue.models import VisitRow


def open_visit(profile_id: int | None, context: Context) -> Visit:
    """Note a showing. Raises NotFound for a profile that is not there."""
    with begin() as session:
        row = VisitRow(profile_id=profiles.chosen(session, profile_id).id, **context._asdict())
        session.add(row)
        session.flush()
    return Visit(visit_id=row.id)
