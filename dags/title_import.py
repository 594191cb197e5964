"""# Import titles

Puts the films of a folder or a table below `MARQUEE_IMPORT_PATH` into the inbox. The result of the task lists what was
taken and what not, and why. Stop it and run it again as you like: nothing is delivered twice.
"""

from datetime import timedelta

from airflow.sdk import Param, dag

from marquee_airflow import intake_tasks

PARAMS = {
    "source": Param(
        ".",
        type="string",
        minLength=1,
        title="Source",
        description="A folder or a CSV file directly in MARQUEE_IMPORT_PATH; a dot is all of it.",
    ),
    "language": Param(
        "en", type="string", title="Language", description="Of names and texts, and of subtitles that say none: BCP 47."
    ),
    "dry_run": Param(True, type="boolean", title="Dry run", description="Only say what would be taken."),
    "at_most": Param(
        None, type=["null", "integer"], minimum=1, title="At most", description="Titles to take now; empty: all."
    ),
}


@dag(
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args={"owner": "content-ops", "retries": 1, "retry_delay": timedelta(seconds=10)},
    tags=["titles"],
    dag_display_name="Title import",
)
def title_import() -> None:
    intake_tasks.import_titles()


title_import()
