"""The pages of series: a list, and each series with its forms, pictures and history."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from marquee.content.desk import series, series_editing
from marquee.contracts.errors import Conflict, InvalidInput, MarqueeError, NotFound, Outdated
from marquee.settings import settings
from marquee_airflow import series_forms
from marquee_airflow.access import Editor, User, may_change
from marquee_airflow.series_api import Slug
from marquee_airflow.web import base_of, page, whole

pages = APIRouter(prefix="/series", include_in_schema=False)
Form = Mapping[str, str | bytes]


@pages.get("", response_class=HTMLResponse)
def list_series(request: Request, user: User, q: str = "", after: str = "") -> HTMLResponse:
    """The series that match, a page of them."""
    found = series.listed(q[:200], after=after.replace("\0", "")[:80])
    base = base_of(request)
    return page("series_list.html", base=base, found=found, query=q[:200], after=after, may_change=may_change(user))


@pages.get("/{slug}", response_class=HTMLResponse)
def show_series(request: Request, slug: Slug, user: User) -> HTMLResponse:
    """A series: what is said of it, its pictures and episodes, who changed what."""
    return _series(request, slug, may_change(user))


@pages.post("/{slug}/{action}", response_class=HTMLResponse)
async def act(request: Request, slug: Slug, action: str, by: Editor) -> Response:
    """Save one form, put a picture in place or take it out, undo, remove. What does not hold is shown again."""
    if action not in ACTIONS:
        raise HTTPException(404, "no such action")
    return await run_in_threadpool(_act, request, slug, action, await _form(request), by)


def _act(request: Request, slug: str, action: str, form: Form, by: str) -> Response:
    try:
        ACTIONS[action](slug, form, by)
    except (Conflict, InvalidInput, Outdated) as error:
        return _series(request, slug, True, error=error, form=form)
    return RedirectResponse(f"{base_of(request)}/series{'' if action == 'remove' else f'/{slug}'}", status_code=303)


def _edit(slug: str, form: Form, by: str) -> Any:
    section, text = str(form.get("section", "")), _text(form)
    if section not in series_forms.SECTIONS:
        raise InvalidInput("not a section", where="section", expected=", ".join(series_forms.SECTIONS), got=section)
    changes = series_forms.changes(section, series_forms.sent(section, text), _sheet(slug).description)
    note = text.get("note", "")[:400]
    return series_editing.edit(slug, whole(text, "version"), changes, actor=by, note=note)


def _undo(slug: str, form: Form, by: str) -> Any:
    text = _text(form)
    return series_editing.undo(slug, whole(text, "version"), whole(text, "undone"), actor=by)


def _picture(slug: str, form: Form, by: str) -> Any:
    picture, text = form.get("picture"), _text(form)
    version, kind = whole(text, "version"), text.get("kind", "")
    if isinstance(picture, bytes) and picture:
        return series_editing.set_picture(slug, version, kind, picture, actor=by)
    if "remove" in text:
        return series_editing.remove_picture(slug, version, kind, actor=by)
    raise InvalidInput("no picture was chosen", where="picture", expected="a JPEG, PNG or WebP")


def _remove(slug: str, form: Form, by: str) -> Any:
    return series_editing.remove(slug, whole(_text(form), "version"), actor=by)


ACTIONS: dict[str, Callable[[str, Form, str], Any]] = {
    "edit": _edit,
    "undo": _undo,
    "picture": _picture,
    "remove": _remove,
}


def _series(
    request: Request, slug: str, changes: bool, *, error: MarqueeError | None = None, form: Form | None = None
) -> HTMLResponse:
    """The page; after an error with what was sent in that section's place."""
    found = _sheet(slug)
    shown = series_forms.shown(found.description, (each.season for each in found.episodes))
    text = _text(form or {})
    failed = text.get("section", "")
    values = series_forms.sent(failed, text) if failed in series_forms.SECTIONS else {}
    answer = page(
        "series.html",
        base=base_of(request),
        s=found,
        form={name: shown | values if name == failed else shown for name in series_forms.SECTIONS},
        kinds=series_editing.KINDS,
        error=error,
        failed=failed,
        may_change=changes,
        watch=settings().api_url,
    )
    answer.status_code = error.status if error else 200
    return answer


def _sheet(slug: str) -> series.SeriesSheet:
    """Also of a series that is new to everybody: its page is where one is begun."""
    try:
        return series.sheet(slug)
    except NotFound:
        return series.blank(slug)


async def _form(request: Request) -> Form:
    """Text as it is, and no more of a file than may be in a picture."""
    sent = await request.form()
    most = series_editing.MOST_BYTES + 1
    return {k: await v.read(most) if isinstance(v, UploadFile) else v for k, v in sent.items()}


def _text(form: Form) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}
