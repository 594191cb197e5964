"""GET /v1/series/{slug}."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.browse.endpoints import GUESTS_TOO, Seen
from api.browse.schemas import ItemQuery
from api.deps import AsyncCatalogue, Languages
from api.members import Visitor
from api.series import service
from api.series.schemas import Series
from api.sparse import answer

router = APIRouter(prefix="/v1/series", tags=["browse"])
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


@router.get("/{slug}", response_model=Series, **GUESTS_TOO)
async def get_series(
    request: Request,
    slug: Annotated[str, Path(pattern=SLUG, max_length=80)],
    languages: Languages,
    visitor: Visitor,
    seen: Seen,
    ask: AsyncCatalogue,
    asked: Annotated[ItemQuery, Query()],
) -> Response:
    """The seasons of a series with those episodes that can be seen now, and the one to watch next."""
    found = await service.series(ask, seen, visitor, slug, languages)
    return answer(request, found, asked.fields, cache="private, no-cache")
