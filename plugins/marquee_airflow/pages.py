"""The plugin's app about titles and series: pages as finished HTML, a REST interface, and the QC report."""

from typing import Any

from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from marquee.catalogue import deliveries
from marquee.catalogue.database import begin
from marquee.content.pipeline.stores import work
from marquee.contracts.errors import NotFound
from marquee.settings import settings
from marquee_airflow import artwork_pages
from marquee_airflow.series_api import api as series_api
from marquee_airflow.series_pages import pages as series_pages
from marquee_airflow.title_api import api
from marquee_airflow.title_pages import pages
from marquee_airflow.web import message, sub_app

app = sub_app("Marquee")
for router in (api, artwork_pages.api, pages, artwork_pages.pages, series_api, series_pages):
    app.include_router(router)


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
