"""Acts on the forecast of demand: releases to warm, titles worth costlier encodes."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from marquee.catalogue import demand, releases
from marquee.catalogue.database import begin
from marquee.catalogue.models import Title, TitleState
from marquee.contracts.base import Contract
from marquee.contracts.ids import Id
from marquee.logs import log
from marquee.settings import settings

PREMIUM = "premium"  # the encoding profile that demand can earn
MOST = 200  # titles looked at for an edge
SHARE = 0.5  # of an edge's cache; the rest is left to what viewers ask for


class Wanted(Contract):
    """A release to warm at an edge, with the plays expected in the edge's territories."""

    name: str
    release_id: Id
    edge: str
    plays: float


class Costlier(Contract):
    """A title that is wanted enough for the premium encodes, and the release that it has."""

    title_id: Id
    slug: str
    release_id: Id
    plays: float


def warmups() -> list[Wanted]:
    """For each edge the titles most wanted in its territories, until half its cache is spoken for."""
    with begin() as session:
        return [wanted for edge in settings().edges for wanted in _for_edge(session, edge)]


def _for_edge(session: Session, edge: str) -> Iterator[Wanted]:
    day = demand.latest_day(session)
    if day is None:
        return
    left = SHARE * settings().edge_cache_mb * 1024**2
    for title_id, plays in demand.hottest(session, day, settings().edges[edge].countries, limit=MOST):
        title = session.get(Title, title_id)
        if title is None or title.current_release_id is None or title.state != TitleState.PUBLISHED:
            continue
        release = releases.document(releases.get(session, title.current_release_id))
        left -= min(sum(file.size for file in release.files), settings().warmup_budget_bytes)
        if left < 0:
            log.info("edge is full", edge=edge, title=title.slug)
            return
        yield Wanted(name=f"{title.slug} at {edge}", release_id=title.current_release_id, edge=edge, plays=plays)


def costlier() -> list[Costlier]:
    """Titles with at least `premium_plays` expected on a day whose release was not made with the premium profile.

    One with a watermark stays as it is: it would lose it.
    """
    with begin() as session:
        day = demand.latest_day(session)
        hottest = demand.hottest(session, day, limit=MOST) if day else []
        found = []
        for title_id, plays in hottest:
            title = session.get(Title, title_id)
            if plays < settings().premium_plays or title is None or title.state != TitleState.PUBLISHED:
                continue
            if title.current_release_id is not None:
                release = releases.document(releases.get(session, title.current_release_id))
                if release.profile != PREMIUM and not release.watermark:
                    found.append(
                        Costlier(title_id=title.id, slug=title.slug, release_id=release.release_id, plays=plays)
                    )
    return found
