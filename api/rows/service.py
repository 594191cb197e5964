"""Home pages: built when something has changed, from the cache otherwise.

Every request asks the database for the viewer's stamp, so a heartbeat in one process moves the rows of all at once, and
so does a new generation. Titles, charts and experiments are a few seconds old at most; windows are kept to the moment.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache

from api.database import AsyncDatabase
from api.deps import preferred_languages
from api.rows.cards import Languages
from api.rows.catalogue_snapshot import CatalogueSnapshot, OfferKeeper
from api.rows.coalescing import Batcher
from api.rows.page_builder import PageMaker
from api.rows.page_cache import Key, Page, PageMemory, Whose
from marquee.catalogue import rows
from marquee.catalogue.rows import Stamp
from marquee.contracts.errors import NotFound, Unavailable
from marquee.logs import log

MAX_AGE_S = 3.0  # from when on the snapshot is looked at beside the requests
PATIENCE = 5  # so many times as old, it is waited for


class HomePages:
    """What a process knows of home pages. `max_age_s` is the age from which the snapshot is looked at again."""

    def __init__(self, database: AsyncDatabase, max_age_s: float = MAX_AGE_S) -> None:
        self._database, self._max_age_s = database, max_age_s
        self._keeper, self._maker, self._memory = OfferKeeper(), PageMaker(), PageMemory()
        self._looks: Batcher[str, CatalogueSnapshot] = Batcher(self._refresh)
        self._stamps: Batcher[Whose, Stamp] = Batcher(self._read_stamps)
        self._pages: Batcher[Key, Page] = Batcher(self._make)
        self._look: asyncio.Task[None] | None = None

    async def page(self, whose: Whose, accept_language: str, territory: str) -> Page:
        """The page of an account's profile as it stands. Raises NotFound when the account has no such profile."""
        snapshot = await self.offer()
        if snapshot.held(territory) is None:
            await asyncio.to_thread(snapshot.local, territory)
        key = whose, _known(accept_language, snapshot.languages), territory
        stamp = await self._stamps.get(whose) if self._memory.has(key) else None
        if stamp is not None and (held := self._memory.get(key, stamp, snapshot.serial)):
            return held
        if page := await self._pages.get(key):
            self._memory.put(key, page)
            return page
        raise NotFound("no such profile", where="profile_id", got=str(whose[1]))

    @property
    def looked_at(self) -> float:
        """When it was last seen that the snapshot holds (monotonic s)."""
        return self._keeper.looked_at

    async def offer(self, patience: float = PATIENCE) -> CatalogueSnapshot:
        """The snapshot of the catalogue; looked at again first when it is `patience` times as old as it should be."""
        held, age_s = self._keeper.current, time.monotonic() - self._keeper.looked_at
        late = held is not None and time.time() >= held.changes_at
        if held is None or late or age_s > patience * self._max_age_s:
            held = await self._looks.get("snapshot")
        elif age_s > self._max_age_s and self._look is None:
            self._look = asyncio.create_task(self._look_again())
        if held is None:
            raise Unavailable("the snapshot could not be read")
        return held

    async def _look_again(self) -> None:
        try:
            await self._looks.get("snapshot")
        except Exception as error:
            log.warning("snapshot not read", error=type(error).__name__)
        finally:
            self._look = None

    async def _refresh(self, keys: Sequence[str]) -> AsyncIterator[tuple[str, CatalogueSnapshot]]:
        snapshot = await asyncio.to_thread(self._keeper.refresh)
        for key in keys:
            yield key, snapshot

    async def _read_stamps(self, viewers: Sequence[Whose]) -> AsyncIterator[tuple[Whose, Stamp]]:
        for found in (await rows.stamps(self._database.ask, viewers)).items():
            yield found

    async def _make(self, keys: Sequence[Key]) -> AsyncIterator[tuple[Key, Page]]:
        if snapshot := self._keeper.current:
            async for made in self._maker.make(self._database.ask, snapshot, keys):
                yield made


@lru_cache(maxsize=10_000)
def _known(accept_language: str, there_are: frozenset[str]) -> Languages:
    """The wanted languages in which there is any text, so that few different pages are made."""
    return tuple(tag for tag in preferred_languages(accept_language.lower()) if _matches(tag, there_are))


def _matches(tag: str, there_are: frozenset[str]) -> bool:
    parts = tag.split("-")
    return any("-".join(parts[:length]) in there_are for length in range(len(parts), 0, -1))
