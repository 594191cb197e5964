"""GET /v1/profiles/{profile_id}/rows."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.context import Territory
from api.deps import VARY, representation
from api.members import BearerProfile
from api.openapi import Responses, problems
from api.rows.schemas import HomePage
from api.rows.service import HomePages
from api.sparse import ItemFields, pruned
from marquee.members import profiles

router = APIRouter(prefix="/v1/profiles", tags=["rows"])
UNCHANGED: Responses = {304: {"description": "The representation of `If-None-Match` still holds"}}


@router.get("/{profile_id}/rows", response_model=HomePage, responses={**UNCHANGED, **problems(401, 403, 404, 422, 503)})
async def list_rows(
    request: Request,
    member: BearerProfile,
    territory: Territory,
    fields: Annotated[ItemFields | None, Query()] = None,
) -> Response:
    """The rows of a profile's home page, each with its reason, in the language of `Accept-Language`.

    `continue`, `my_list` and `top10` are lists of fact and may repeat a title; all other rows are choices, in which no
    title stands twice, nor one that the profile has begun, seen to the end, put aside or disliked. What was just
    watched or said counts at once.
    """
    pages: HomePages = request.app.state.home_pages
    whose = member.account_id, profiles.chosen(member)
    page = await pages.page(whose, request.headers.get("accept-language", ""), territory)
    if fields:
        return representation(request, pruned(page.content, fields), cache="private, no-cache")
    headers = {"ETag": page.etag, "Cache-Control": "private, no-cache", "Vary": VARY}
    if page.etag in {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(page.content, headers=headers, media_type="application/json")
