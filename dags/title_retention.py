"""# Retention of titles

Finds old releases, chunks and sources, and deletes them when it is no dry run. The rules, by `MARQUEE_RETENTION_…`:

| what | goes when |
|---|---|
| release | it is not shown, is none of the latest few beside that, was shown long ago, and nobody is playing it |
| chunks | all releases made from them are published and old, or collected |
| source | a newer delivery was accepted, it is old, and all releases made from it are collected |

What viewers get is never touched. A dry run lists what would go in the result of `find_old`.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, Param, dag

from marquee.settings import settings
from marquee_airflow import desk_tasks, tasks

PARAMS = {
    "dry_run": Param(
        not settings().retention_collects,
        type="boolean",
        title="Dry run",
        description="Only list what would be deleted.",
    )
}


@dag(
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 5 * * 0", timezone="UTC", run_immediately=timedelta()),
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args={
        "owner": "content-ops",
        "retries": 2,
        "retry_delay": timedelta(seconds=20),
        "retry_policy": tasks.RETRIES,
    },
    tags=["titles"],
    dag_display_name="Title retention",
)
def title_retention() -> None:
    desk_tasks.collect_old(desk_tasks.find_old())


title_retention()
