"""GET /v1/search…"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.background import BackgroundTask

from api.context import Territory, address_of
from api.deps import AsyncCatalogue, Languages, conditional
from api.members import Visitor
from api.openapi import Responses, problems
from api.search import service
from api.search.schemas import SearchPage, SearchQuery, SuggestionList, SuggestionQuery
from api.search.viewing import outlook
from api.sparse import answer
from api.titles import service as titles
from marquee.discovery.search.queries import Narrowed
from marquee.members import territories

router = APIRouter(prefix="/v1/search", tags=["search"])
GUESTS_TOO: dict[str, Any] = {"security": [{}]}  # beside that of a member
UNCHANGED: Responses = {304: {"description": "The representation of `If-None-Match` still holds"}}


@router.get(
    "", response_model=SearchPage, responses={**UNCHANGED, **problems(401, 404, 422, 503)}, openapi_extra=GUESTS_TOO
)
async def search_titles(
    request: Request,
    languages: Languages,
    visitor: Visitor,
    territory: Territory,
    ask: AsyncCatalogue,
    asked: Annotated[SearchQuery, Query()],
) -> Response:
    """Titles by words of their names in any language, of people, characters, series, genres and synopses.

    Typos are forgiven: one in a word from 5 letters on, two from 9; more where nothing is found otherwise. A member
    finds what suits the chosen profile, without what it has hidden.
    """
    seen = await outlook(request, visitor, territory)
    narrowed = Narrowed(asked.genre, asked.kind, asked.language, asked.decade)
    found = await service.results(
        request, seen, asked.query, narrowed=narrowed, cursor=asked.cursor, limit=asked.limit, facets=True
    )
    if found is None:
        listed = await titles.page(
            ask,
            query=asked.query,
            genre=asked.genre,
            cursor=asked.cursor,
            limit=asked.limit,
            languages=languages,
            view=seen.view,
            hidden=seen.hidden,
        )
        page = service.plain_page(listed.items, listed.next_cursor)
    else:
        page = service.page(seen, found, languages)
    response = answer(request, page, asked.fields, cache=cache_of(visitor))
    if asked.cursor is None and (page.match == "near" or not page.items) and narrowed == Narrowed():
        asker = f"account {visitor.account_id}" if visitor else f"address {address_of(request)}"
        response.background = BackgroundTask(service.count_miss, ask, asked.query, territory, languages, asker)
    return response


@router.get(
    "/suggestions",
    response_model=SuggestionList,
    responses={**UNCHANGED, **problems(401, 404, 422, 503)},
    openapi_extra=GUESTS_TOO,
)
async def suggest(
    request: Request,
    languages: Languages,
    visitor: Visitor,
    territory: Territory,
    asked: Annotated[SuggestionQuery, Query()],
) -> Response:
    """What the beginning of a query may mean: titles, people, series, genres. Empty while there is no index."""
    seen = await outlook(request, visitor, territory)
    found = await service.suggestions(request, seen, asked.query, asked.limit, languages)
    return conditional(request, found or SuggestionList(items=[]), cache=cache_of(visitor))


def cache_of(visitor: object) -> str:
    """How long an answer may be kept, and by whom."""
    return f"{'public' if visitor is None and territories.is_fixed() else 'private'}, max-age=30"
