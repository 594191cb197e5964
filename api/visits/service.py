"""Opens visits: whom a home page was shown to, and where."""

from api.context import Context
from api.visits.schemas import Visit
from marquee.catalogue.database import begin
from marquee.catalogue.models import VisitRow
from marquee.contracts.members import Member
from marquee.members import profiles


def open_visit(member: Member, context: Context) -> Visit:
    """Note a showing. Raises NotFound for a profile that was deleted."""
    with begin() as session:
        profile = profiles.acting(session, member)
        row = VisitRow(account_id=profile.account_id, profile_id=profile.id, **context._asdict())
        session.add(row)
        session.flush()
    return Visit(visit_id=row.id)
