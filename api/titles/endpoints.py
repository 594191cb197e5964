"""GET /v1/titles…"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.context import Territory
from api.deps import ApiId, AsyncCatalogue, Languages, NearCatalogue
from api.members import Visitor
from api.openapi import Responses, problems
from api.search import service as search
from api.search.endpoints import cache_of
from api.search.viewing import outlook
from api.sparse import CardFields, DetailFields, answer
from api.titles import service
from api.titles.schemas import TitleDetail, TitlePage
from marquee.contracts.members import Member
from marquee.discovery.search.queries import Narrowed

router = APIRouter(prefix="/v1/titles", tags=["titles"])
TEXT = r"^[^\x00]*$"  # PostgreSQL's text holds no NUL
CURSOR = "^[A-Za-z0-9_-]{11}([A-Za-z0-9_-]{11})?$"
GUESTS_TOO: dict[str, Any] = {"security": [{}]}  # beside that of a member
UNCHANGED: Responses = {304: {"description": "The representation of `If-None-Match` still holds"}}


@router.get("", response_model=TitlePage, responses={**UNCHANGED, **problems(401, 404, 422)}, openapi_extra=GUESTS_TOO)
async def list_titles(
    request: Request,
    languages: Languages,
    visitor: Visitor,
    territory: Territory,
    ask: AsyncCatalogue,
    near: NearCatalogue,
    query: Annotated[
        str | None, Query(max_length=200, pattern=TEXT, description="words, as `GET /v1/search` takes them")
    ] = None,
    genre: Annotated[str | None, Query(max_length=80, pattern=TEXT)] = None,
    language: Annotated[str | None, Query(max_length=35, pattern=TEXT, description="the original one")] = None,
    cursor: Annotated[str | None, Query(pattern=CURSOR, description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
    fields: Annotated[CardFields | None, Query()] = None,
) -> Response:
    """Titles that can be watched now, in the language of `Accept-Language` where there is a text.

    They are the newest first, those that are searched the best first (see `GET /v1/search`, which tells more). A member
    sees what suits the chosen profile, a guest what is offered at all where the request comes from.
    """
    narrowed = Narrowed(genre=genre or None, language=language or None)
    if query and (found := await _searched(request, languages, visitor, territory, query, narrowed, cursor, limit)):
        return answer(request, found, fields, cache=cache_of(visitor))
    view = await service.view_of(ask, visitor, territory)
    page = await service.page(
        near,
        query=query,
        genre=genre,
        language=language,
        cursor=cursor,
        limit=limit,
        languages=languages,
        view=view,
    )
    return answer(request, page, fields, cache=cache_of(visitor))


async def _searched(
    request: Request,
    languages: tuple[str, ...],
    visitor: Member | None,
    territory: str,
    query: str,
    narrowed: Narrowed,
    cursor: str | None,
    limit: int,
) -> TitlePage | None:
    """None where there is no index."""
    seen = await outlook(request, visitor, territory)
    found = await search.results(request, seen, query, narrowed=narrowed, cursor=cursor, limit=limit)
    if found is None:
        return None
    return TitlePage(items=search.cards(seen, found.shown, languages), next_cursor=found.next_cursor)


@router.get(
    "/{title_id}",
    response_model=TitleDetail,
    responses={**UNCHANGED, **problems(401, 403, 404, 422)},
    openapi_extra=GUESTS_TOO,
)
def get_title(
    request: Request,
    title_id: ApiId,
    languages: Languages,
    visitor: Visitor,
    territory: Territory,
    fields: Annotated[DetailFields | None, Query()] = None,
) -> Response:
    """A title's own page. `resume_ms` is where the profile stopped, 0 at the beginning and once the credits ran."""
    found = service.detail(title_id, languages, visitor, territory)
    return answer(request, found, fields, cache="private, no-cache")
