"""QC reports: the one of a run or by its id, marks on its findings, a clip at a finding, two of them side by side."""

from threading import Semaphore
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from marquee.content.desk import qc_reports
from marquee.content.pipeline import quality_marks
from marquee.contracts.errors import NotFound, Unavailable
from marquee_airflow.access import Editor, User, may_change
from marquee_airflow.results import returned
from marquee_airflow.web import base_of, message, page

pages = APIRouter(include_in_schema=False)
CLIPS, PATIENCE_S = Semaphore(1), 20  # one encoder at a time beside the web server


@pages.get("/qc", response_class=HTMLResponse)
def show_report(
    request: Request, user: User, run: str = "", dag: str = "title_pipeline", report: int | None = None
) -> HTMLResponse:
    """The QC report made in a run, or one by its id."""
    found = report or _report_of(dag, run)
    if found is None:
        return message("No QC report yet", "It appears here when the task quality_control has ended.")
    try:
        address = f"{base_of(request)}/qc/{found}"
        return HTMLResponse(qc_reports.page(found, address, may_mark=may_change(user)))
    except NotFound as missing:
        return message("This report is gone", str(missing), 404)


@pages.get("/qc/compare", response_class=HTMLResponse)
def compare(request: Request, a: int, b: int) -> HTMLResponse:
    """Two reports side by side."""
    return page(
        "qc_compare.html", base=base_of(request), a=a, b=b, c=qc_reports.compared(a, b), timecode=qc_reports.timecode
    )


@pages.get("/qc/{report_id}/clip.mp4")
def show_clip(report_id: int, by: Editor, at: Annotated[float, Query(ge=0)], track: str = "") -> Response:  # noqa: ARG001
    """Eight seconds of the source from a moment on, in the clear; no cache keeps it."""
    if not CLIPS.acquire(timeout=PATIENCE_S):
        raise Unavailable("other clips are being made", where="clip", expected="a moment later")
    try:
        film = qc_reports.clip(report_id, at, track)
    finally:
        CLIPS.release()
    return Response(film, media_type="video/mp4", headers={"Cache-Control": "no-store"})


@pages.post("/qc/{report_id}/findings/{number}/{action}", response_class=HTMLResponse)
def mark(
    request: Request,
    report_id: int,
    number: int,
    action: Literal["false", "weigh"],
    by: Editor,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Call a finding false, or take that back."""
    if action == "false":
        quality_marks.mark_false(report_id, number, reason=reason, actor=by)
    else:
        quality_marks.take_back(report_id, number, actor=by)
    return RedirectResponse(f"{base_of(request)}/qc?report={report_id}#finding-{number}", status_code=303)


def _report_of(dag: str, run: str) -> int | None:
    checked = returned(dag, run, "quality_control")
    return int(checked["report_id"]) if checked else None
