"""The titles' pages: a list with filters and bulk actions, and each title with its forms and history."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from marquee.catalogue.models import TitleState, now
from marquee.catalogue.title_list import Opening, Order
from marquee.content.desk import (
    actions,
    again,
    editing,
    history,
    ladder_plot,
    listing,
    previews,
    scheduling,
    sheet,
    time_line,
)
from marquee.content.desk.again import Encoding
from marquee.content.desk.clear_picture import clear_picture
from marquee.content.desk.previews import PreviewLink
from marquee.content.pipeline import board, uploads
from marquee.contracts.errors import (
    Conflict,
    DeliveryRefused,
    InvalidInput,
    MarqueeError,
    Outdated,
    Unavailable,
)
from marquee.contracts.plan import DrmScheme
from marquee.contracts.qc import Severity
from marquee.contracts.title import Kind, MaturityRating
from marquee.settings import settings
from marquee.viewing.insights import formatting, title_figures
from marquee_airflow import remaking, rollback, title_forms
from marquee_airflow.access import Editor, User, may_change
from marquee_airflow.title_api import Bulk, Moment, TitleId, Wanted, bulk
from marquee_airflow.web import TEMPLATES, base_of, page, whole

pages = APIRouter(include_in_schema=False)
RUNS = 50
CHOICES = {
    "states": list(TitleState),
    "verdicts": list(Severity),
    "kinds": list(Kind),
    "openings": list(Opening),
    "schemes": list(DrmScheme),
    "orders": list(Order),
    "ratings": list(MaturityRating),
}


@pages.get("/{name}.js")
def script(name: Literal["artwork", "desk", "marks", "tracks", "tus"]) -> FileResponse:
    """A script of these pages."""
    return FileResponse(TEMPLATES / f"{name}.js", media_type="text/javascript")


@pages.get("/board", response_class=HTMLResponse)
def show_board(request: Request, user: User) -> HTMLResponse:
    """The titles that match the filters in the address, a page of them, and what was refused."""
    asked = {name: value.replace("\0", "") for name, value in request.query_params.items() if value}
    wanted = _wanted(asked)
    found = listing.titles(wanted, wanted.order, after=wanted.after)
    chosen = {k: str(v) for k, v in wanted.model_dump(exclude_defaults=True, exclude={"after", "size"}).items()}
    return page(
        "board.html",
        **CHOICES,
        base=base_of(request),
        found=found,
        wanted=wanted,
        filtered=bool(chosen.keys() - {"order"}),
        of_state={s: urlencode({**chosen, "state": s}) for s in TitleState},
        following=urlencode({**chosen, "after": found.next}),
        first=urlencode(chosen),
        refused=board.refused(),
        watch=settings().api_url,
        may_change=may_change(user),
    )


@pages.post("/board/bulk", response_class=HTMLResponse)
async def change_several(request: Request, by: Editor) -> HTMLResponse:
    """Withdraw or restore the titles that were chosen; what became of each."""
    form = await request.form()
    sent = {"action": form.get("action"), "titles": form.getlist("title"), "reason": form.get("reason", "")}
    try:
        asked = Bulk.model_validate(sent)
    except ValidationError as error:
        raise InvalidInput("not a bulk action", where="action", got=str(error.errors()[0]["loc"])) from None
    outcomes = await run_in_threadpool(bulk, asked, by)
    return page("bulk.html", base=base_of(request), action=asked.action, outcomes=outcomes)


@pages.get("/titles/{title_id}", response_class=HTMLResponse)
def show_title(request: Request, title_id: TitleId, user: User) -> HTMLResponse:
    """A title: what is said of it, who changed what, its releases and reports."""
    return _title(request, title_id, may_change(user))


@pages.get("/titles/{title_id}/runs", response_class=HTMLResponse)
def show_runs(request: Request, title_id: TitleId) -> HTMLResponse:
    """The runs of the title pipeline that carried its deliveries."""
    found = sheet.title_sheet(title_id)
    own = DagRun.dag_id == "title_pipeline", DagRun.conf["delivery"].as_string() == found.slug
    with create_session() as session:
        rows = session.scalars(select(DagRun).where(*own).order_by(DagRun.run_after.desc()).limit(RUNS)).all()
        runs = [{"id": row.run_id, "state": str(row.state), "at": row.run_after} for row in rows]
    return page("runs.html", base=base_of(request), title=found, runs=runs)


@pages.get("/titles/{title_id}/picture.mp4")
def show_picture(title_id: TitleId, by: Editor) -> FileResponse:
    """The picture in the clear and without sound, for marks; ranges of it too. No cache keeps it."""
    found = clear_picture(title_id, actor=by)
    return FileResponse(found, media_type="video/mp4", headers={"Cache-Control": "no-store"})


@pages.get("/titles/{title_id}/releases/{release_id}/ladder.svg")
def show_ladder(title_id: TitleId, release_id: int) -> Response:
    """Quality over rate: what the search of a release's ladder measured, the hull, and the rungs on it."""
    return Response(ladder_plot.ladder_plot(title_id, release_id), media_type="image/svg+xml")


@pages.post("/titles/{title_id}/edit", response_class=HTMLResponse)
async def save_section(request: Request, title_id: TitleId, by: Editor) -> Response:
    """Save one form. What does not hold, or was overtaken by somebody else, is shown again as it was sent."""
    return await run_in_threadpool(_save, request, title_id, await _form(request), by)


@pages.post("/titles/{title_id}/{action}", response_class=HTMLResponse)
async def act(request: Request, title_id: TitleId, action: str, by: Editor) -> Response:
    """Carry out one of `ACTIONS`; a preview's answer is the page with the link, that of a run the list of runs."""
    if action not in ACTIONS:
        raise HTTPException(404, "no such action")
    return await run_in_threadpool(_act, request, title_id, action, await _form(request), by)


def _save(request: Request, title_id: TitleId, form: Mapping[str, str], by: str) -> Response:
    section = form.get("section", "")
    if section not in title_forms.SECTIONS:
        raise InvalidInput("not a section", where="section", expected=", ".join(title_forms.SECTIONS), got=section)
    values = title_forms.sent(section, form)
    try:
        said = sheet.title_sheet(title_id).description
        changes = title_forms.changes(section, values, said)
        editing.edit(title_id, _version(form), changes, actor=by, note=form.get("note", "")[:400])
    except (InvalidInput, Outdated) as error:
        return _title(request, title_id, True, error=error, section=section, values=values)
    return _back(request, title_id)


def _act(request: Request, title_id: TitleId, action: str, form: Mapping[str, str], by: str) -> Response:
    try:
        done = ACTIONS[action](title_id, form, by)
    except (Conflict, DeliveryRefused, InvalidInput, Outdated, Unavailable) as error:
        return _title(request, title_id, True, error=error)
    if isinstance(done, PreviewLink):
        return _title(request, title_id, True, preview=done)
    return _back(request, title_id, "/runs" if action in STARTING else "")


def _undo(title_id: TitleId, form: Mapping[str, str], by: str) -> Any:
    return history.undo(title_id, _version(form), whole(form, "undone"), actor=by)


def _withdraw(title_id: TitleId, form: Mapping[str, str], by: str) -> Any:
    return actions.withdraw(title_id, _version(form), reason=form.get("reason", "")[:400], actor=by)


def _publish(title_id: TitleId, form: Mapping[str, str], by: str) -> Any:
    return actions.publish(title_id, _version(form), at=_moment(form), actor=by)


def _schedule(title_id: TitleId, form: Mapping[str, str], by: str) -> Any:
    if (at := _moment(form)) is None:
        raise InvalidInput("say when", where="at", expected="a moment to come")
    return scheduling.schedule(title_id, whole(form, "release_id"), _version(form), at=at, actor=by)


def _moment(form: Mapping[str, str]) -> datetime | None:
    """The input has no zone: its label says UTC."""
    at = form.get("at", "").strip()
    try:
        return Moment.model_validate({"at": f"{at}Z" if at else None}).at
    except ValidationError:
        raise InvalidInput("not a moment", where="at", expected="as 2026-12-01T20:00", got=repr(at)) from None


def _delete(title_id: TitleId, form: Mapping[str, str], by: str) -> Any:
    grace = timedelta(days=whole(form, "grace_days"))
    return actions.delete(title_id, _version(form), grace=grace, reason=form.get("reason", "")[:400], actor=by)


def _roll_back(title_id: TitleId, form: Mapping[str, str], by: str) -> Any:
    return rollback.start(title_id, whole(form, "release_id"), by)


def _encode_again(title_id: TitleId, form: Mapping[str, str], by: str) -> Any:
    said = {name: form.get(name, "").strip() or None for name in Encoding.model_fields}
    try:
        wanted = Encoding.model_validate(said)
    except ValidationError as error:
        raise InvalidInput("not a way to encode", where=str(error.errors()[0]["loc"][0])) from None
    return remaking.encode_again(title_id, wanted, by)


def _replace_track(title_id: TitleId, form: Mapping[str, str], by: str) -> Any:
    return remaking.replace_track(title_id, None, whole(form, "upload_id"), by, form.get("note", "")[:400])


STARTING = {"encode", "track"}  # actions after which a run is to be seen
ACTIONS: dict[str, Callable[[int, Mapping[str, str], str], Any]] = {
    "withdraw": _withdraw,
    "restore": lambda title_id, form, by: actions.restore(title_id, _version(form), actor=by),
    "publish": _publish,
    "delete": _delete,
    "keep": lambda title_id, form, by: actions.keep(title_id, _version(form), actor=by),
    "undo": _undo,
    "rollback": _roll_back,
    "schedule": _schedule,
    "unschedule": lambda title_id, form, by: scheduling.cancel(title_id, _version(form), actor=by),
    "preview": lambda title_id, form, by: previews.link(title_id, whole(form, "release_id"), actor=by),
    "encode": _encode_again,
    "track": _replace_track,
}


def _title(
    request: Request,
    title_id: TitleId,
    changes: bool,
    *,
    error: MarqueeError | None = None,
    section: str = "",
    values: Mapping[str, Any] | None = None,
    preview: PreviewLink | None = None,
) -> HTMLResponse:
    """The page; after an error with what was sent in that section's place, or with the link to a preview."""
    found = sheet.title_sheet(title_id)
    shown = title_forms.shown(found.description)
    answer = page(
        "title.html",
        **CHOICES,
        base=base_of(request),
        t=found,
        offer=again.offer(title_id),
        pending=uploads.tracks_of(found.slug),
        form={name: shown | (values or {}) if name == section else shown for name in title_forms.SECTIONS},
        line=time_line.drawn(found, now()),
        figures=title_figures.recent(title_id),
        w=formatting,
        preview=preview,
        error=error,
        failed=section,
        may_change=changes,
        grace_days=settings().deletion_grace_d,
        watch=settings().api_url,
    )
    answer.status_code = error.status if error else 200
    if preview:
        answer.headers["Cache-Control"] = "no-store"  # its link opens once
    return answer


def _wanted(asked: dict[str, str]) -> Wanted:
    """The filters of an address, without those that are none."""
    asked = {("query" if name == "q" else name): value for name, value in asked.items()}
    known = {name: value for name, value in asked.items() if name in Wanted.model_fields}
    try:
        return Wanted.model_validate(known)
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors()}
        return Wanted.model_validate({name: value for name, value in known.items() if name not in wrong})


async def _form(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _version(form: Mapping[str, str]) -> int:
    return whole(form, "version")


def _back(request: Request, title_id: TitleId, part: str = "") -> RedirectResponse:
    return RedirectResponse(f"{base_of(request)}/titles/{title_id}{part}", status_code=303)
