"""Titles by REST: what the pages do, with Airflow's logins. `GET /api/openapi.json` describes it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from marquee.catalogue.title_list import MOST, Filter, Order
from marquee.content.desk import actions, editing, history, listing, previews, scheduling, sheet
from marquee.content.desk.actions import Outcome
from marquee.content.desk.again import Encoding
from marquee.content.desk.editing import Changed
from marquee.content.desk.listing import TitlePage
from marquee.content.desk.previews import PreviewLink
from marquee.content.desk.sheet import TitleSheet
from marquee.content.pipeline.uploads import UploadState
from marquee.contracts.base import Contract
from marquee.contracts.delivery import TrackFile
from marquee.contracts.errors import InvalidInput, VersionMissing
from marquee.contracts.ids import Id
from marquee.settings import settings
from marquee_airflow import remaking, rollback
from marquee_airflow.access import Editor
from marquee_airflow.rollback import Started

api = APIRouter(prefix="/api", tags=["titles"])
TitleId = Annotated[int, Path(ge=1, lt=1 << 63)]


class Wanted(Filter):
    """What is asked of the list."""

    order: Order = Order.CHANGED
    after: str = ""
    size: int = Field(default=listing.SIZE, ge=1, le=MOST)


class Edit(Contract):
    """`changes` are fields of title.yaml; of `texts`, null takes a language out."""

    changes: dict[str, Any]
    note: str = Field(default="", max_length=400)


class Undone(Contract):
    """Which change is taken back."""

    version: int = Field(description="the change that is taken back, by the version that it made")


class Reason(Contract):
    """Why, in words for the history."""

    reason: str = Field(default="", max_length=400)


class Moment(Contract):
    """From when on viewers see a title."""

    at: datetime | None = Field(default=None, description="with its zone; null is now")


class Target(Contract):
    """The release to go back to."""

    release_id: Id | None = Field(default=None, description="null is the release shown before the present one")


class Chosen(Contract):
    """A release of the title."""

    release_id: Id


class Appointment(Chosen):
    """The release that viewers get from a moment on."""

    at: datetime = Field(description="with its zone, and still to come")


class NewTrack(Contract):
    """A track that will be uploaded, one file."""

    track: TrackFile
    size: int = Field(gt=0, description="bytes of the file")


class Note(Contract):
    """Words for the history."""

    note: str = Field(default="", max_length=400)


class Bulk(Contract):
    """The same for several titles."""

    action: Literal["withdraw", "restore"]
    titles: tuple[Id, ...] = Field(max_length=actions.MOST)
    reason: str = Field(default="", max_length=400)


def asked_version(if_match: Annotated[str | None, Header()] = None) -> int | None:
    """The version of If-Match; None where there is none, and for `*`. Raises InvalidInput."""
    if if_match is None or if_match.strip() == "*":
        return None
    number = if_match.strip().strip('"')
    if not number.isdecimal() or len(number) > 18:
        raise InvalidInput("not a version", where="If-Match", expected='an ETag, as "3"', got=if_match)
    return int(number)


def needed_version(request: Request, version: Annotated[int | None, Depends(asked_version)]) -> int | None:
    """The same for changes that overwrite what somebody else may have written. Raises VersionMissing."""
    if "if-match" not in request.headers:
        raise VersionMissing("say which version you change", where="If-Match", expected="the ETag of the title")
    return version


Asked = Annotated[int | None, Depends(asked_version)]
Needed = Annotated[int | None, Depends(needed_version)]


@api.get("/titles")
def list_titles(wanted: Annotated[Wanted, Query()]) -> TitlePage:
    """The titles that match, a page of them; `next` is `after` of the page that follows."""
    return listing.titles(wanted, wanted.order, after=wanted.after, size=wanted.size)


@api.get("/titles/{title_id}")
def read_title(title_id: TitleId, response: Response) -> TitleSheet:
    """All that is known of a title; its ETag is the version that a change names in If-Match."""
    found = sheet.title_sheet(title_id)
    response.headers["ETag"] = found.etag
    return found


@api.patch("/titles/{title_id}")
def edit_title(title_id: TitleId, by: Editor, version: Needed, body: Edit, response: Response) -> Changed:
    """Set fields, by the rules of title.yaml. 412 when somebody has changed the title since the version was read."""
    return _told(editing.edit(title_id, version, body.changes, actor=by, note=body.note), response)


@api.post("/titles/{title_id}/undo")
def undo_change(title_id: TitleId, by: Editor, version: Needed, body: Undone, response: Response) -> Changed:
    """Take one change back: its fields become what they were, or what the last delivery says."""
    return _told(history.undo(title_id, version, body.version, actor=by), response)


@api.post("/titles/{title_id}/withdraw")
def withdraw_title(title_id: TitleId, body: Reason, by: Editor, version: Asked, response: Response) -> Changed:
    """Take a title away from viewers; who plays it is stopped within a heartbeat."""
    return _told(actions.withdraw(title_id, version, reason=body.reason, actor=by), response)


@api.post("/titles/{title_id}/restore")
def restore_title(title_id: TitleId, by: Editor, version: Asked, response: Response) -> Changed:
    """Give a withdrawn title back to viewers."""
    return _told(actions.restore(title_id, version, actor=by), response)


@api.post("/titles/{title_id}/publish")
def publish_title(title_id: TitleId, body: Moment, by: Editor, version: Asked, response: Response) -> Changed:
    """Show a title from a moment on, or from now; its windows hold too."""
    return _told(actions.publish(title_id, version, at=body.at, actor=by), response)


@api.put("/titles/{title_id}/schedule")
def schedule_release(title_id: TitleId, body: Appointment, by: Editor, version: Asked, response: Response) -> Changed:
    """Have viewers get a complete release from a moment on, in the place of what they get then."""
    done = scheduling.schedule(title_id, body.release_id, version, at=body.at, actor=by)
    return _told(done, response)


@api.delete("/titles/{title_id}/schedule")
def cancel_schedule(title_id: TitleId, by: Editor, version: Asked, response: Response) -> Changed:
    """Take the schedule back; 409 once its moment has come."""
    return _told(scheduling.cancel(title_id, version, actor=by), response)


@api.post("/titles/{title_id}/previews", status_code=201)
def preview_release(title_id: TitleId, body: Chosen, by: Editor, response: Response) -> PreviewLink:
    """A link that opens a complete release in the web app once, shown to viewers or not. It is for who asks."""
    response.headers["Cache-Control"] = "no-store"
    return previews.link(title_id, body.release_id, actor=by)


@api.delete("/titles/{title_id}")
def delete_title(
    title_id: TitleId,
    by: Editor,
    version: Asked,
    response: Response,
    grace_days: Annotated[int | None, Query(ge=0, le=actions.LONGEST_GRACE_D)] = None,
    reason: Annotated[str, Query(max_length=400)] = "",
) -> Changed:
    """Take a title away now, and delete it when its time of grace is over."""
    grace = timedelta(days=settings().deletion_grace_d if grace_days is None else grace_days)
    return _told(actions.delete(title_id, version, grace=grace, reason=reason, actor=by), response)


@api.post("/titles/{title_id}/keep")
def keep_title(title_id: TitleId, by: Editor, version: Asked, response: Response) -> Changed:
    """Take a deletion back within its time of grace."""
    return _told(actions.keep(title_id, version, actor=by), response)


@api.post("/titles/{title_id}/rollback", status_code=202)
def roll_back_title(title_id: TitleId, body: Target, by: Editor) -> Started:
    """Start the DAG Title rollback, which shows an earlier release once all replicas are found whole."""
    return rollback.start(title_id, body.release_id, by)


@api.post("/titles/{title_id}/tracks", status_code=201)
def announce_track(title_id: TitleId, body: NewTrack, by: Editor, version: Asked) -> UploadState:
    """Begin the upload of a track; its bytes go to `/marquee-intake/api/uploads/{upload_id}/files/0`, by tus."""
    return remaking.announce_track(title_id, version, body.track, body.size, by)


@api.put("/titles/{title_id}/tracks/{upload_id}", status_code=202)
def replace_track(title_id: TitleId, upload_id: TitleId, body: Note, by: Editor, version: Asked) -> Started:
    """Put an uploaded track in the place of the title's own, or beside them: starts a run that encodes nothing else."""
    return remaking.replace_track(title_id, version, upload_id, by, body.note)


@api.post("/titles/{title_id}/encode", status_code=202)
def encode_title_again(title_id: TitleId, body: Encoding, by: Editor) -> Started:
    """Start a run that encodes the title again by another profile, or with another crop; what is not said stays."""
    return remaking.encode_again(title_id, body, by)


@api.post("/titles/bulk")
def change_titles(body: Bulk, by: Editor) -> list[Outcome]:
    """Withdraw or restore several titles; what fails is told by title, and leaves the others as they are."""
    return bulk(body, by)


@api.get("/openapi.json", include_in_schema=False)
def describe(request: Request) -> JSONResponse:
    """The OpenAPI document, behind the same login."""
    return JSONResponse(request.app.openapi())


def bulk(asked: Bulk, by: str) -> list[Outcome]:
    """Do it title by title."""
    each: dict[str, Callable[[int], Changed]] = {
        "withdraw": lambda title_id: actions.withdraw(title_id, reason=asked.reason, actor=by),
        "restore": lambda title_id: actions.restore(title_id, actor=by),
    }
    return actions.bulk(asked.titles, each[asked.action])


def _told(changed: Changed, response: Response) -> Changed:
    response.headers["ETag"] = f'"{changed.version}"'
    return changed
