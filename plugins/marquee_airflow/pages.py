"""The plugin's app about titles and series: pages as finished HTML, a REST interface, and QC reports."""

from fastapi.responses import RedirectResponse, Response

from marquee.settings import settings
from marquee_airflow import artwork_pages, health_pages, qc_pages
from marquee_airflow.results import returned
from marquee_airflow.series_api import api as series_api
from marquee_airflow.series_pages import pages as series_pages
from marquee_airflow.title_api import api
from marquee_airflow.title_pages import pages
from marquee_airflow.web import message, sub_app

app = sub_app("Marquee")
INTERFACES = (api, artwork_pages.api, health_pages.api, series_api)
for router in (*INTERFACES, pages, artwork_pages.pages, health_pages.pages, qc_pages.pages, series_pages):
    app.include_router(router)


@app.get("/play")
def play(run: str, dag: str = "title_pipeline") -> Response:
    """The title of a run, in the viewers' web app."""
    taken = returned(dag, run, "ingest")
    if taken is None:
        return message("Nothing to play yet", "The delivery of this run has not been accepted.")
    return RedirectResponse(f"{settings().api_url}/title/{taken['title_id']}")
