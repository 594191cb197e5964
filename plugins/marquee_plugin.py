"""Marquee's Airflow plugin: pages in the UI and links on tasks."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from airflow.plugins_manager import AirflowPlugin
from airflow.sdk import BaseOperatorLink

try:
    from marquee_airflow.data_pages import app as data_app
    from marquee_airflow.intake_pages import app as intake_app
    from marquee_airflow.pages import app
except ImportError:  # task processes and workers load plugins too, but have no web server's modules
    app = data_app = intake_app = None

PREFIX = "/marquee"
DATA_PREFIX = "/marquee-data"
INTAKE_PREFIX = "/marquee-intake"
INTAKE_PAGES = {"Upload": "upload", "Import": "import"}
DATA_PAGES = {"Insights": "insights", "Live": "live", "Data docs": "data-docs", "Model docs": "dbt-docs"}


class _RunLink(BaseOperatorLink):
    """From any task of a title's run to one of the plugin's pages about that run."""

    page: ClassVar[str]

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002 (Airflow's signature)
        if ti_key.dag_id != "title_pipeline":
            return ""
        return f"{PREFIX}/{self.page}?" + urlencode({"dag": ti_key.dag_id, "run": ti_key.run_id})


class QcReportLink(_RunLink):
    """To the QC report made in the run."""

    name = "QC report"
    page = "qc"


class PlayLink(_RunLink):
    """To the title, as viewers see it."""

    name = "Play the title"
    page = "play"


class MarqueePlugin(AirflowPlugin):
    """What Airflow loads."""

    name = "marquee"
    fastapi_apps: ClassVar = (
        [
            {"app": app, "url_prefix": PREFIX, "name": "Marquee"},
            {"app": data_app, "url_prefix": DATA_PREFIX, "name": "Marquee data"},
            {"app": intake_app, "url_prefix": INTAKE_PREFIX, "name": "Marquee intake"},
        ]
        if app
        else []
    )
    external_views: ClassVar = [
        {
            "name": "Titles",
            "href": f"{PREFIX}/board",
            "destination": "nav",
            "url_route": "titles",
            "nav_top_level": True,
        },
        {
            "name": "QC report",
            "href": f"{PREFIX}/qc?dag={{DAG_ID}}&run={{RUN_ID}}",
            "destination": "dag_run",
            "url_route": "qc-report",
        },
        {
            "name": "Health",
            "href": f"{PREFIX}/health",
            "destination": "nav",
            "url_route": "health",
            "category": "Operate",
        },
        *(
            {
                "name": name,
                "href": f"{INTAKE_PREFIX}/{page}",
                "destination": "nav",
                "url_route": page,
                "category": "Deliver",
            }
            for name, page in INTAKE_PAGES.items()
        ),
        *(
            {"name": name, "href": f"{DATA_PREFIX}/{page}", "destination": "nav", "url_route": page, "category": "Data"}
            for name, page in DATA_PAGES.items()
        ),
    ]
    global_operator_extra_links: ClassVar = [QcReportLink(), PlayLink()]
