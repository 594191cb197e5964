"""Pages inside Airflow's UI: the title board and the QC report. Finished HTML, no scripts."""

from pathlib import Path
from typing import Any

from airflow.api_fastapi.core_api.security import get_user
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape

from marquee.catalogue import deliveries
from marquee.catalogue.database import begin
from marquee.content.pipeline import board
from marquee.content.pipeline.stores import work
from marquee.contracts.errors import NotFound
from marquee.settings import settings

templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=select_autoescape(default=True)
)
app = FastAPI(title="Marquee", dependencies=[Depends(get_user)])


@app.get("/board", response_class=HTMLResponse)
def show_board() -> HTMLResponse:
    """Every title, where it stands, and what was refused."""
    page = templates.get_template("board.html").render(
        titles=board.titles(), refused=board.refused(), watch=settings().api_url, airflow=settings().airflow_url
    )
    return HTMLResponse(page)


@app.get("/qc", response_class=HTMLResponse)
def show_report(run: str = "", dag: str = "title_pipeline", report: int | None = None) -> HTMLResponse:
    """The QC report made in a run, or one by its id."""
    found = report or _report_of(dag, run)
    if found is None:
        return _message("No QC report yet", "It appears here when the task quality_control has ended.", 200)
    try:
        with begin() as session:
            page = deliveries.report(session, found).page
        return HTMLResponse(work().read(page).decode())
    except NotFound as missing:
        return _message("This report is gone", str(missing), 404)


@app.get("/play")
def play(run: str, dag: str = "title_pipeline") -> Response:
    """The title of a run, in the viewers' web app."""
    taken = _returned(dag, run, "ingest")
    if taken is None:
        return _message("Nothing to play yet", "The delivery of this run has not been accepted.", 200)
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


def _message(title: str, text: str, status: int) -> HTMLResponse:
    return HTMLResponse(templates.get_template("message.html").render(title=title, text=text), status_code=status)
