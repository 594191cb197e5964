"""GET /v1/titles…"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.deps import ApiId, Languages, conditional
from api.members import Visitor
from api.openapi import Responses, problems
from api.titles import service
from api.titles.schemas import TitleDetail, TitlePage

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
    query: Annotated[str | None, Query(max_length=200, pattern=TEXT, description="part of a name")] = None,
    genre: Annotated[str | None, Query(max_length=80, pattern=TEXT)] = None,
    cursor: Annotated[str | None, Query(pattern=CURSOR, description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
) -> Response:
    """Titles that can be watched now, newest first, in the language of `Accept-Language` where there is a text.

    A member sees what suits the chosen profile, a guest what is offered at all.
    """
    ask = request.app.state.database.ask
    page = await service.page(
        ask, query=query, genre=genre, cursor=cursor, limit=limit, languages=languages, visitor=visitor
    )
    whose = "public" if visitor is None else "private"
    return conditional(request, page, cache=f"{whose}, max-age=30")


@router.get(
    "/{title_id}",
    response_model=TitleDetail,
    responses={**UNCHANGED, **problems(401, 403, 404, 422)},
    openapi_extra=GUESTS_TOO,
)
def get_title(request: Request, title_id: ApiId, languages: Languages, visitor: Visitor) -> Response:
    """A title's own page. `resume_ms` is where the profile stopped, 0 at the beginning and once the credits ran."""
    return conditional(request, service.detail(title_id, languages, visitor), cache="private, no-cache")
