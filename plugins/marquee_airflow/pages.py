"""Pages inside Airflow's UI: the titles and the QC report. Finished HTML, no scripts."""

from typing import Annotated, Any

from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from fastapi import Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from marquee.catalogue import deliveries
from marquee.catalogue.database import begin
from marquee.catalogue.models import TitleState
from marquee.content.pipeline import board
from marquee.content.pipeline.stores import work
from marquee.contracts.errors import NotFound
from marquee.settings import settings
from marquee_airflow.web import message, page, sub_app

app = sub_app("Marquee")


@app.get("/board", response_class=HTMLResponse)
def show_board(
    q: Annotated[str, Query(max_length=200)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> HTMLResponse:
    """The titles that match a search and a state, a page of them, and what was refused."""
    chosen = TitleState(state) if state in set(TitleState) else None
    found = board.titles(query=q.replace("\0", ""), state=chosen, page=number)
    return page(
        "board.html",
        found=found,
        q=q,
        state=chosen,
        states=list(TitleState),
        refused=board.refused(),
        watch=settings().api_url,
    )


@app.get("/qc", response_class=HTMLResponse)
def show_report(run: str = "", dag: str = "title_pipeline", report: int | None = None) -> HTMLResponse:
    """The QC report made in a run, or one by its id."""
    found = report or _report_of(dag, run)
    if found is None:
        return message("No QC report yet", "It appears here when the task quality_control has ended.")
    try:
        with begin() as session:
            page = deliveries.report(session, found).page
        return HTMLResponse(work().read(page).decode())
    except NotFound as missing:
        return message("This report is gone", str(missing), 404)


@app.get("/play")
def play(run: str, dag: str = "title_pipeline") -> Response:
    """The title of a run, in the viewers' web app."""
    taken = _returned(dag, run, "ingest")
    if taken is None:
        return message("Nothing to play yet", "The delivery of this run has not been accepted.")
    return RedirectResponse(f"{settings().api_url}/title/{taken['title_id']}")


def _report_of(dag: str, run: str) -> int | None:
    checked = _returned(dag, run, "quality_control")
    return int(checked["report_id"]) if checked else None


def _returned(dag: str, run: str, task: str) -> dict[str, Any] | None:
    """What a task of a run has returned; None while it has not."""
    with create_session() as session:
        query = XComModel.get_many(key="return_value", dag_ids=dag, run_id=run, task_ids=task)
        row = session.scalars(query.limit(1)).first()
    found: dict[str, Any] | None = XComModel.deserialize_value(row) if row else None
    return found
