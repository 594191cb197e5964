"""Makes the links by which staff watches a release in the web app, before viewers may or without a plan."""

from datetime import datetime, timedelta

from marquee.catalogue import previews, releases, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import TitleState
from marquee.contracts.base import Contract
from marquee.contracts.errors import Conflict
from marquee.logs import log
from marquee.settings import settings

GOOD_FOR = timedelta(minutes=5)


class PreviewLink(Contract):
    """Where a release can be watched once, and until when the link is good.

    What opens it stands behind the #, which browsers keep to themselves: it comes into no server's log.
    """

    url: str
    until: datetime


def link(title_id: int, release_id: int, *, actor: str) -> PreviewLink:
    """A link for somebody of the staff. Raises NotFound, Conflict for a release that is not complete."""
    with begin() as session:
        title = titles.get(session, title_id)
        releases.whole(session, title_id, release_id)
        if title.state == TitleState.DELETING:
            raise Conflict("the title is being deleted", where=f"title {title.slug}", expected="keep")
        token, until = previews.create(session, title_id, release_id, actor=actor, lifetime=GOOD_FOR)
    log.info("preview link", title=title.slug, release_id=release_id, actor=actor)
    return PreviewLink(url=f"{settings().api_url}/preview#{token}", until=until)
