"""From where a request looks for titles: the snapshot, what is shown of it, and what the profile likes."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from fastapi import Request

from api.rows.catalogue_snapshot import CatalogueSnapshot
from api.rows.local_offer import LocalOffer, ValueCounts
from api.rows.service import HomePages
from marquee.catalogue import search
from marquee.catalogue.rows import Ask
from marquee.contracts.entitlement import Viewpoint
from marquee.contracts.members import Member
from marquee.members import entitlement

FRESH = 5 / 3  # times 3 s, the age from which the snapshot is waited for


@dataclass(frozen=True)
class Outlook:
    """What a visitor may be shown now. `allowed` are the titles, the only ones that any answer may tell of."""

    snapshot: CatalogueSnapshot
    local: LocalOffer
    view: Viewpoint
    allowed: frozenset[int]
    tastes: frozenset[str] = frozenset()
    hidden: frozenset[int] = frozenset()

    def counts(self) -> ValueCounts:
        """Numbers of the titles by genre and by original language."""
        counted = self.local.counts(self.view)
        hidden = [self.local.titles[title_id] for title_id in self.hidden & self.local.shown(self.view)]
        if not hidden:
            return counted
        genres = Counter(genre for title in hidden for genre in title.genres)
        return ValueCounts(counted.genres - genres, counted.languages - Counter(title.language for title in hidden))


async def outlook(request: Request, visitor: Member | None, territory: str) -> Outlook:
    """Of a guest, or of a member's profile. Raises NotFound for a deleted profile."""
    pages: HomePages = request.app.state.home_pages
    ask: Ask = request.app.state.database.ask
    snapshot = await pages.offer(FRESH)
    if snapshot.held(territory) is None:
        await asyncio.to_thread(snapshot.local, territory)
    local = snapshot.local(territory)
    if visitor is None or visitor.profile_id is None:
        view = entitlement.viewpoint(territory=territory)
        return Outlook(snapshot, local, view, local.shown(view))
    seeker = await search.seeker(ask, visitor.account_id, visitor.profile_id)
    view = entitlement.viewpoint(territory=territory, kids=seeker.kids, age_limit=seeker.age_limit)
    shown = local.shown(view)
    allowed = shown - seeker.hidden if seeker.hidden else shown
    return Outlook(snapshot, local, view, allowed, frozenset(seeker.genres), seeker.hidden)
