"""The API with two more routes that do nothing: what the framework alone costs."""

from functools import cache

from fastapi import Response

from api.deps import ApiId, RawBody
from api.events.schemas import EventReceipt
from api.main import create_app
from marquee.settings import settings

app = create_app()


@app.post("/v1/nothing", status_code=202)
async def nothing(body: RawBody) -> EventReceipt:
    """Take a batch and answer as POST /v1/events does."""
    return EventReceipt(accepted=min(len(body), 20), rejected=[])


@app.get("/v1/same/{number}")
async def same(number: ApiId) -> Response:  # noqa: ARG001 (read from the path, as rows read theirs)
    """The bytes of a page of rows, as its route answers them."""
    headers = {"ETag": '"same"', "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
    return Response(_page(), headers=headers, media_type="application/json")


@cache
def _page() -> bytes:
    return (settings().home / "same.json").read_bytes()
