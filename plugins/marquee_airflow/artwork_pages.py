"""A title's pictures: the page that shows and cuts them, and the same by REST."""

from pathlib import Path as FilePath
from typing import Annotated, Literal

from fastapi import APIRouter, Header, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from marquee.content.desk import artwork, pictures
from marquee.content.desk.editing import Changed
from marquee.content.desk.pictures import ArtworkSheet
from marquee.content.desk.shapes import PLACES
from marquee.contracts.artwork import Rectangle
from marquee.contracts.base import Contract
from marquee.settings import settings
from marquee.tools.scratch import scratch
from marquee_airflow.access import Editor, User, may_change
from marquee_airflow.title_api import Needed, TitleId
from marquee_airflow.web import page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; img-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
pages = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/titles/{title_id}/artwork", tags=["artwork"])
TOO_LARGE = HTTPException(413, f"a picture has at most {artwork.MAX_BYTES} bytes")
Kind = Literal["poster", "backdrop", "logo"]
Note = Annotated[str, Field(default="", max_length=400, description="why, for the history")]


class Given(Rectangle):
    """The part of a picture that comes as the body: all of it by default."""

    note: Note


class Cropped(Contract):
    """Another part of a picture that the title has."""

    rectangle: Rectangle = Rectangle()
    of: Kind | None = Field(default=None, description="the picture it is cut out of; null is the one of the same kind")
    note: Note


@pages.get("/titles/{title_id}/artwork", response_class=HTMLResponse)
def show_artwork(request: Request, title_id: TitleId, user: User) -> HTMLResponse:
    """What is shown of each kind and where it comes from, and what another picture or crop would look like."""
    found = pictures.artwork_sheet(title_id)
    answer = page(
        "artwork.html",
        base=str(request.scope.get("root_path", "")),
        t=found,
        places={kind: [each.model_dump() for each in PLACES if each.kind == kind] for kind in pictures.KINDS},
        may_change=may_change(user),
        watch=settings().api_url,
        most_bytes=artwork.MAX_BYTES,
    )
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


@api.get("")
def read_artwork(title_id: TitleId, response: Response) -> ArtworkSheet:
    """What is shown of each kind, where it comes from, and what was cut; its ETag is the title's version."""
    found = pictures.artwork_sheet(title_id)
    response.headers["ETag"] = found.etag
    return found


@api.get("/{kind}", response_class=Response)
def read_picture(
    title_id: TitleId,
    kind: Kind,
    *,
    whole: Annotated[bool, Query(description="as it was before it was cut")] = False,
) -> Response:
    """The picture that viewers get."""
    content = pictures.picture(title_id, kind, whole=whole)
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=pictures.media_type(content), headers=headers)


@api.put("/{kind}")
async def give_picture(
    request: Request,
    response: Response,
    title_id: TitleId,
    kind: Kind,
    by: Editor,
    version: Needed,
    given: Annotated[Given, Query()],
    content_length: Annotated[int, Header(ge=0)] = 0,
) -> Changed:
    """Show the picture of the body (JPEG, PNG or WebP, 32 MiB) from now on: of a poster, the rectangle is shown;
    of a backdrop, it is what is never cut off.
    """
    if content_length > artwork.MAX_BYTES:
        raise TOO_LARGE
    with scratch() as folder:
        file = folder / kind
        await _receive(request, file)
        part = Rectangle.model_validate(given.model_dump(exclude={"note"}))
        done = await run_in_threadpool(
            artwork.give, title_id, version, kind, file, rectangle=part, actor=by, note=given.note
        )
    return _told(done, response)


@api.post("/{kind}/crop")
def crop_picture(
    title_id: TitleId, kind: Kind, body: Cropped, by: Editor, version: Needed, response: Response
) -> Changed:
    """Show another part of the picture there is, or of the title's picture of another kind."""
    done = artwork.crop(title_id, version, kind, body.rectangle, of=body.of, actor=by, note=body.note)
    return _told(done, response)


@api.delete("/{kind}")
def give_back(title_id: TitleId, kind: Kind, by: Editor, version: Needed, response: Response) -> Changed:
    """Show again what the release has, as long as nobody gives another picture."""
    return _told(artwork.give_back(title_id, version, kind, actor=by), response)


async def _receive(request: Request, file: FilePath) -> None:
    """Write a body as it comes, and no more of it than a picture may have."""
    received = 0
    with file.open("wb") as out:
        async for block in request.stream():
            received += len(block)
            if received > artwork.MAX_BYTES:
                raise TOO_LARGE
            out.write(block)


def _told(done: Changed, response: Response) -> Changed:
    response.headers["ETag"] = f'"{done.version}"'
    return done
