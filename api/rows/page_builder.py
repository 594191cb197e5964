"""Builds home pages: a viewer's data and the snapshot become rows, and rows become bytes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from pydantic_core import to_json

from api.rows.cards import Cards, Languages
from api.rows.catalogue_snapshot import CatalogueSnapshot
from api.rows.local_offer import LocalOffer
from api.rows.page_cache import Key, Page
from marquee.catalogue import rows
from marquee.catalogue.rows import Ask, ViewerRecord
from marquee.members import entitlement
from ml.serving import Experiment, Lists, Row, Viewer, Watched, assemble, words_of
from ml.serving.experiments import ROW_ORDER

SEEDS = 6  # of what was watched last, how many may lead to other titles
LIKED = 3  # of what was liked last
MOST_LISTS = 20_000  # of similar titles, remembered for the live generation


class Asked(NamedTuple):
    """A page that is to be made, and what it is made from."""

    key: Key
    record: ViewerRecord
    offer: LocalOffer


class PageMaker:
    """Makes pages from one snapshot after another; `make` has to end before it is called again."""

    def __init__(self) -> None:
        self._offer: CatalogueSnapshot | None = None
        self._cards: Cards
        self._generation: int | None = None
        self._similar: dict[int, Sequence[int]] = {}

    async def make(
        self, ask: Ask, snapshot: CatalogueSnapshot, wanted: Sequence[Key]
    ) -> AsyncIterator[tuple[Key, Page]]:
        """The pages of those profiles that exist, each as it stands at this moment, one after the other."""
        if self._offer is not snapshot:
            self._offer, self._cards = snapshot, Cards(snapshot)
        records = await rows.viewer_records(ask, list({whose for whose, _, _ in wanted}))
        there_are = [key for key in wanted if key[0] in records]
        asked = [Asked(key, records[key[0]], snapshot.local(key[2])) for key in there_are]
        viewers = [self._viewer(each.record, each.offer) for each in asked]
        await self._read_similar(ask, asked, viewers)
        for each, viewer in zip(asked, viewers, strict=True):
            yield each.key, self._page(each, viewer, snapshot)
            await asyncio.sleep(0)  # other requests have their turn between two pages

    def _viewer(self, record: ViewerRecord, offer: LocalOffer) -> Viewer:
        watched = (self._watched(offer, *place) for place in record.progress)
        return Viewer(
            profile_id=record.profile_id,
            languages=frozenset(tag.partition("-")[0].lower() for tag in record.languages),
            watched=tuple(each for each in watched if each is not None),
            picks=record.picks,
            my_list=record.my_list,
            liked=record.liked,
            disliked=frozenset(record.disliked),
            hidden=frozenset(record.hidden),
        )

    def _watched(self, offer: LocalOffer, title_id: int, position_ms: int, at_ms: int) -> Watched | None:
        """None for a title that is not on offer: nothing can be said or shown of it."""
        if title_id not in offer.titles:
            return None
        share = position_ms / max(1.0, self._cards.duration_ms(title_id))
        return Watched(title_id, at_ms, share, position_ms >= self._cards.ends_ms(title_id))

    async def _read_similar(self, ask: Ask, asked: Sequence[Asked], viewers: Sequence[Viewer]) -> None:
        """The lists that the viewers' rows need, as the generation of their records has them."""
        generation = max((each.record.generation for each in asked if each.record.generation), default=None)
        if generation != self._generation or len(self._similar) > MOST_LISTS:
            self._generation, self._similar = generation, {}
        leads = (_leads(each.record, viewer) for each, viewer in zip(asked, viewers, strict=True))
        needed = {title_id for those in leads for title_id in those}
        if generation is not None and (missing := needed - self._similar.keys()):
            found = await rows.similar(ask, generation, sorted(missing))
            self._similar |= {title_id: found.get(title_id, ()) for title_id in missing}

    def _page(self, asked: Asked, viewer: Viewer, snapshot: CatalogueSnapshot) -> Page:
        record, (_, languages, territory) = asked.record, asked.key
        leads = [title_id for title_id in _leads(record, viewer) if self._similar.get(title_id)]
        lists = Lists(record.recommended, {lead: self._similar[lead] for lead in leads}, record.made_ms)
        view = entitlement.viewpoint(territory=territory, kids=record.kids, age_limit=record.age_limit)
        served = asked.offer.served(view)
        test = snapshot.experiment
        made = assemble(viewer, lists, served, personal=_personal(test, record.profile_id))
        head = {
            "generation": None if record.generation is None else str(record.generation),
            "arm": test.label(record.profile_id) if test else None,
        }
        at = {title_id: position_ms for title_id, position_ms, _ in record.progress}
        body = b",".join(self._row(row, at, languages, asked.offer.until_ms) for row in made)
        content = to_json(head)[:-1] + b',"rows":[' + body + b"]}"
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        return Page(content, etag, record.stamp, snapshot.serial)

    def _row(self, row: Row, at: Mapping[int, int], languages: Languages, until_ms: Mapping[int, int]) -> bytes:
        cards = self._cards
        names = [cards.name(seed, languages) for seed in row.seeds]
        words = words_of(row, names)
        head = {
            "kind": row.kind,
            "title": words.title,
            "reason": words.reason,
            "reason_code": row.reason,
            "names": names,
        }
        return to_json(head)[:-1] + b',"items":[' + cards.items(row.titles, languages, at, until_ms) + b"]}"


def _leads(record: ViewerRecord, viewer: Viewer) -> list[int]:
    """The titles from which others are found: well watched, liked, and the picks of those without a model's list."""
    picks = () if record.recommended else viewer.picks
    return [*(each.title_id for each in viewer.seeds[:SEEDS]), *viewer.liked[:LIKED], *picks]


def _personal(test: Experiment | None, profile_id: int) -> bool:
    return test is None or test.name != ROW_ORDER or not test.controls(profile_id)
