"""GET /v1/genres, /v1/languages, /v1/lists/…, /v1/titles/{title_id}/similar."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.browse import service
from api.browse.schemas import ListQuery, NothingAsked, TitleList, ValueList
from api.context import Territory
from api.deps import ApiId, Languages, NearCatalogue, conditional
from api.members import Visitor
from api.openapi import Responses, problems
from api.search.endpoints import cache_of
from api.search.viewing import Outlook, outlook
from api.sparse import answer

router = APIRouter(prefix="/v1", tags=["browse"])
RESPONSES: Responses = {
    304: {"description": "The representation of `If-None-Match` still holds"},
    **problems(401, 404, 422, 503),
}
GUESTS_TOO: dict[str, Any] = {"responses": RESPONSES, "openapi_extra": {"security": [{}]}}  # beside that of a member
PLAIN = Annotated[NothingAsked, Query()]


class ListName(StrEnum):
    """The lists that there are."""

    NEW = "new"
    LEAVING = "leaving"
    TOP10 = "top10"


LISTS: dict[ListName, Callable[[Outlook, int, tuple[str, ...]], TitleList]] = {
    ListName.NEW: service.newest,
    ListName.LEAVING: service.leaving,
    ListName.TOP10: service.top10,
}


async def _seen(request: Request, visitor: Visitor, territory: Territory) -> Outlook:
    return await outlook(request, visitor, territory)


Seen = Annotated[Outlook, Depends(_seen)]


@router.get("/genres", response_model=ValueList, **GUESTS_TOO)
async def list_genres(request: Request, visitor: Visitor, seen: Seen, _: PLAIN) -> Response:
    """The genres of what can be seen now, with the number of titles."""
    return conditional(request, service.genres(seen), cache=cache_of(visitor))


@router.get("/languages", response_model=ValueList, **GUESTS_TOO)
async def list_languages(request: Request, visitor: Visitor, seen: Seen, _: PLAIN) -> Response:
    """The original languages of what can be seen now, with the number of titles."""
    return conditional(request, service.original_languages(seen), cache=cache_of(visitor))


@router.get("/lists/{list_name}", response_model=TitleList, **GUESTS_TOO)
async def get_list(
    request: Request,
    list_name: ListName,
    languages: Languages,
    visitor: Visitor,
    seen: Seen,
    asked: Annotated[ListQuery, Query()],
) -> Response:
    """What is new, what leaves within thirty days, or the ten most played there."""
    found = LISTS[list_name](seen, asked.limit, languages)
    return answer(request, found, asked.fields, cache=cache_of(visitor))


@router.get("/titles/{title_id}/similar", response_model=TitleList, **GUESTS_TOO)
async def list_similar(
    request: Request,
    title_id: ApiId,
    languages: Languages,
    visitor: Visitor,
    seen: Seen,
    ask: NearCatalogue,
    asked: Annotated[ListQuery, Query()],
) -> Response:
    """The titles most like one."""
    found = await service.similar(ask, seen, title_id, asked.limit, languages)
    return answer(request, found, asked.fields, cache=cache_of(visitor))
