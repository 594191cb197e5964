"""GET /v1/titles…"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.context import Territory
from api.deps import ApiId, Languages, conditional
from api.members import Visitor
from api.openapi import Responses, problems
from api.titles import service
from api.titles.schemas import TitleDetail, TitlePage
from marquee.members import territories

router = APIRouter(prefix="/v1/titles", tags=["titles"])
TEXT = r"^[^\x00]*$"  # PostgreSQL's text holds no NUL
CURSOR = "^[A-Za-z0-9_-]{11}$"
GUESTS_TOO: dict[str, Any] = {"security": [{}]}  # beside that of a member
UNCHANGED: Responses = {304: {"description": "The representation of `If-None-Match` still holds"}}


@router.get("", response_model=TitlePage, responses={**UNCHANGED, **problems(401, 404, 422)}, openapi_extra=GUESTS_TOO)
async def list_titles(
    request: Request,
    languages: Languages,
    visitor: Visitor,
    territory: Territory,
    query: Annotated[str | None, Query(max_length=200, pattern=TEXT, description="part of a name")] = None,
    genre: Annotated[str | None, Query(max_length=80, pattern=TEXT)] = None,
    cursor: Annotated[str | None, Query(pattern=CURSOR, description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
) -> Response:
    """Titles that can be watched now, newest first, in the language of `Accept-Language` where there is a text.

    A member sees what suits the chosen profile, a guest what is offered at all where the request comes from.
    """
    ask = request.app.state.database.ask
    view = await service.view_of(ask, visitor, territory)
    page = await service.page(ask, query=query, genre=genre, cursor=cursor, limit=limit, languages=languages, view=view)
    whose = "public" if visitor is None and territories.is_fixed() else "private"
    return conditional(request, page, cache=f"{whose}, max-age=30")


@router.get(
    "/{title_id}",
    response_model=TitleDetail,
    responses={**UNCHANGED, **problems(401, 403, 404, 422)},
    openapi_extra=GUESTS_TOO,
)
def get_title(
    request: Request, title_id: ApiId, languages: Languages, visitor: Visitor, territory: Territory
) -> Response:
    """A title's own page. `resume_ms` is where the profile stopped, 0 at the beginning and once the credits ran."""
    found = service.detail(title_id, languages, visitor, territory)
    return conditional(request, found, cache="private, no-cache")
