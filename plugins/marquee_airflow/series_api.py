"""Series by REST: what the pages do, with Airflow's logins."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from marquee.content.desk import series, series_editing
from marquee.content.desk.series import SeriesPage, SeriesSheet
from marquee.content.desk.series_editing import SeriesChanged
from marquee_airflow.access import Editor
from marquee_airflow.title_api import Asked, Edit, Needed, Undone

api = APIRouter(prefix="/api/series", tags=["series"])
Slug = Annotated[str, Path(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Kind = Annotated[str, Path(max_length=40)]


@api.get("")
def list_series(
    query: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=80)] = "",
    size: Annotated[int, Query(ge=1, le=200)] = series.SIZE,
) -> SeriesPage:
    """The series whose slug or name holds the query; `next` is `after` of the page that follows."""
    return series.listed(query, after=after.replace("\0", ""), size=size)


@api.get("/{slug}")
def read_series(slug: Slug, response: Response) -> SeriesSheet:
    """All that is known of a series; its ETag is the version that a change names in If-Match, "0" for none."""
    found = series.sheet(slug)
    response.headers["ETag"] = found.etag
    return found


@api.patch("/{slug}")
def edit_series(slug: Slug, by: Editor, version: Needed, body: Edit, response: Response) -> SeriesChanged:
    """Set fields, by the rules of series.yaml. 412 when somebody has changed the series since the version was read."""
    return _told(series_editing.edit(slug, version, body.changes, actor=by, note=body.note), response)


@api.post("/{slug}/undo")
def undo_change(slug: Slug, by: Editor, version: Needed, body: Undone, response: Response) -> SeriesChanged:
    """Take one change back: its fields become what they were, or what the last delivery says."""
    return _told(series_editing.undo(slug, version, body.version, actor=by), response)


@api.put("/{slug}/artwork/{kind}")
async def set_picture(
    request: Request, slug: Slug, kind: Kind, by: Editor, version: Needed, response: Response
) -> SeriesChanged:
    """Put a picture of its own in place: poster, backdrop or logo; the body is a JPEG, PNG or WebP."""
    content = await received(request)
    done = await run_in_threadpool(series_editing.set_picture, slug, version, kind, content, actor=by)
    return _told(done, response)


@api.delete("/{slug}/artwork/{kind}")
def remove_picture(slug: Slug, kind: Kind, by: Editor, version: Needed, response: Response) -> SeriesChanged:
    """Let an episode's picture stand for the series again."""
    return _told(series_editing.remove_picture(slug, version, kind, actor=by), response)


@api.delete("/{slug}", status_code=204)
def remove_series(slug: Slug, by: Editor, version: Asked) -> None:
    """Forget all that was said of a series: it goes by its slug again."""
    series_editing.remove(slug, version, actor=by)


async def received(request: Request) -> bytes:
    """A body that is a picture; 413 for one that is too large."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > series_editing.MOST_BYTES:
            raise HTTPException(413, f"a picture has at most {series_editing.MOST_BYTES} bytes")
    return bytes(content)


def _told(changed: SeriesChanged, response: Response) -> SeriesChanged:
    response.headers["ETag"] = f'"{changed.version}"'
    return changed
