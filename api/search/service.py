"""Searches in the index; where there is none, in the database."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request

from api.rows.cards import card, name_of
from api.search import cursors
from api.search.keeper import IndexKeeper
from api.search.schemas import Facets, FacetValue, SearchPage, Suggestion, SuggestionList
from api.search.viewing import Outlook
from api.series.names import series_name
from api.titles.schemas import TitleCard
from marquee.catalogue import search as counted_searches
from marquee.catalogue.rows import Ask
from marquee.contracts.errors import Unavailable
from marquee.discovery import misses
from marquee.discovery.search import suggesting
from marquee.discovery.search.index import SearchIndex
from marquee.discovery.search.queries import Match, Narrowed
from marquee.discovery.search.searching import ANYTHING, Asked, Found, search
from marquee.discovery.search.suggesting import SuggestionKind
from marquee.logs import log
from marquee.settings import settings

Languages = tuple[str, ...]
SAID = {Match.WORDS: "words", Match.TYPOS: "typos", Match.MORE_TYPOS: "typos"}  # the others are near ones
MOST_SUGGESTED = suggesting.LOOKED_AT
QUICK = 50_000  # titles: up to here a search takes some 2 ms, less than waiting for a thread costs the slower ones
QUICK_SUGGESTIONS = 2 * QUICK  # they rank fewer titles and read a query more strictly


@dataclass(frozen=True)
class Results:
    """A page of a search: what was found, the part of it that is shown, and where the next page begins."""

    found: Found
    shown: Sequence[int]
    next_cursor: str | None


async def results(
    request: Request,
    seen: Outlook,
    query: str,
    *,
    narrowed: Narrowed = ANYTHING,
    cursor: str | None,
    limit: int,
    facets: bool = False,
) -> Results | None:
    """What the index has; None where there is no index, or no word in the query. Raises InvalidInput for a cursor."""
    after = cursors.read(cursor) if cursor and len(cursor) == cursors.LENGTH else None
    asked = Asked(query, seen.view, narrowed, seen.tastes, seen.hidden)
    found = None if cursor and after is None else await _searched(request, seen, asked, facets=facets)
    if found is None and after is not None:
        raise Unavailable("the search index is being made")
    if found is None:
        return None
    rest = [each for each in found.titles if after is None or each < after]
    page = rest[:limit]
    following = cursors.write(page[-1]) if len(rest) > limit else None
    return Results(found, [each.title_id for each in page], following)


async def _searched(request: Request, seen: Outlook, asked: Asked, *, facets: bool = False) -> Found | None:
    keeper: IndexKeeper = request.app.state.search
    index = await keeper.ready(seen.snapshot)
    if index is None or not asked.words:
        return None
    return await _in(keeper, index, asked, seen, facets=facets, quick=QUICK)


async def _in(
    keeper: IndexKeeper, index: SearchIndex, asked: Asked, seen: Outlook, *, quick: int, facets: bool = False
) -> Found | None:
    try:
        if len(index) <= quick:
            return search(index, asked, allowed=seen.allowed, facets=facets)
        return await asyncio.to_thread(search, index, asked, allowed=seen.allowed, facets=facets)
    except (ValueError, KeyError, OSError) as error:  # what a broken index answers
        log.error("search index does not answer", error=type(error).__name__)
        keeper.discard()
        return None


def cards(seen: Outlook, title_ids: Sequence[int], languages: Languages) -> list[TitleCard]:
    """Of titles that are allowed."""
    return [card(seen.snapshot, title_id, languages) for title_id in title_ids]


def page(seen: Outlook, found: Results, languages: Languages) -> SearchPage:
    """As clients get it."""
    return SearchPage(
        items=cards(seen, found.shown, languages),
        total=found.found.total,
        match=SAID.get(found.found.match, "near"),
        did_you_mean=found.found.did_you_mean,
        facets=Facets(**{name: counted(counts) for name, counts in found.found.facets.items()}),
        indexed=True,
        next_cursor=found.next_cursor,
    )


def plain_page(items: list[TitleCard], next_cursor: str | None) -> SearchPage:
    """What the database has found, as clients get it."""
    return SearchPage(
        items=items,
        total=len(items),
        match="words",
        did_you_mean=None,
        facets=Facets(),
        indexed=False,
        next_cursor=next_cursor,
    )


def counted(counts: Mapping[str, int]) -> list[FacetValue]:
    """Values with their numbers, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [FacetValue(value=value, count=count) for value, count in ordered]


async def suggestions(
    request: Request, seen: Outlook, query: str, limit: int, languages: Languages
) -> SuggestionList | None:
    """What the beginning of a query may mean; None where there is no index."""
    keeper: IndexKeeper = request.app.state.search
    index = await keeper.ready(seen.snapshot)
    if index is None:
        return None
    asked = Asked(query, seen.view, ANYTHING, seen.tastes, seen.hidden, MOST_SUGGESTED, enough=1)
    found = await _in(keeper, index, asked, seen, quick=QUICK_SUGGESTIONS)
    if found is None:
        return None
    made = suggesting.suggestions(index, asked, found, seen.counts().genres, MOST_SUGGESTED)
    told: dict[str, Suggestion] = {}
    for one in made:
        each = _suggestion(seen, one, languages)
        told.setdefault(each.series or str(one), each)  # a series once, whichever episodes were found
        if len(told) == limit:
            break
    return SuggestionList(items=list(told.values()))


def _suggestion(seen: Outlook, made: suggesting.Suggestion, languages: Languages) -> Suggestion:
    if made.kind is SuggestionKind.PERSON:
        return Suggestion(kind=made.kind, text=made.text, person_id=made.id)
    if made.kind is SuggestionKind.GENRE:
        return Suggestion(kind=made.kind, text=made.text, genre=made.text)
    title = seen.snapshot.titles[made.id]
    if title.series is not None:  # one suggestion for all episodes
        name = series_name(title.series, seen.snapshot.series_names(title.series), languages)
        return Suggestion(kind=SuggestionKind.SERIES, text=name, series=title.series)
    return Suggestion(kind=made.kind, text=name_of(title, languages), title_id=made.id)


async def count_miss(ask: Ask, query: str, territory: str, languages: Languages, asker: str) -> None:
    """Note that nothing answers a query, but not who asked. A database that is away costs the note."""
    if folded := misses.counted(query):
        bit = misses.asker_bit(folded, asker, settings().secret("token_key"))
        language = languages[0].partition("-")[0].lower() if languages else "und"  # undetermined, ISO 639-2
        try:
            await counted_searches.add_miss(ask, datetime.now(UTC).date(), folded, territory, language, bit)
        except Unavailable:
            log.warning("miss not counted")
