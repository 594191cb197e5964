"""From where a request looks at the catalogue, and the titles that it may see."""

from sqlalchemy.orm import Session

from marquee.catalogue import titles
from marquee.catalogue.models import ProfileRow, Title, now
from marquee.contracts.entitlement import Refusal, Viewpoint
from marquee.contracts.errors import Forbidden, NotFound
from marquee.members import entitlement
from marquee.settings import settings


class NotSuitable(Forbidden):
    """The title is not suitable for the profile's age limit."""

    type = "maturity"


def view_of(*, kids: bool) -> Viewpoint:
    """From where a profile looks: from the installation's territory."""
    return entitlement.viewpoint(territory=settings().territory, kids=kids)


def seen_title(session: Session, title_id: int, profile: ProfileRow) -> Title:
    """A title that a profile may see.

    Raises NotSuitable for one beyond the profile's limit, NotFound for any other that it may not see.
    """
    title = titles.find(session, title_id)
    refused = (
        Refusal.UNPUBLISHED
        if title is None
        else entitlement.refusal(titles.offer(title), view_of(kids=profile.kids), now())
    )
    if title is not None and refused is None:
        return title
    if refused is Refusal.MATURITY:
        raise NotSuitable("this title is not suitable for this profile", where="title_id", got=str(title_id))
    raise NotFound("no such title", where="title_id", got=str(title_id))
