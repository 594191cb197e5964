"""# Upkeep of titles

Carries out what people have asked for on a title's page. It wakes within seconds of that, and every hour in any case.

| step | what happens |
|---|---|
| `publish_due` | releases whose scheduled moment has come are noted as published; the API does the same within a second |
| `purge_caches` | titles that were withdrawn or deleted leave the caches of shields and edges; a cache that is away waits |
| `collect_pictures` | pictures that were replaced an hour ago leave replicas and caches |
| `delete_titles` | titles whose time of grace is over go from replicas, stores and the catalogue |

Each can be killed at any moment: what is not done is due again. Nobody sees a title meanwhile: that is decided by its
row alone, and no run of this DAG is needed for it.
"""

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag

from marquee_airflow import deadlines, desk_tasks, tasks
from marquee_airflow.assets import TITLES_DUE_ASSET


@dag(
    doc_md=__doc__,
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("41 * * * *", timezone="UTC"), assets=[TITLES_DUE_ASSET]
    ),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "content-ops",
        "retries": 2,
        "retry_delay": timedelta(seconds=20),
        "retry_policy": tasks.RETRIES,
    },
    deadline=deadlines.within(timedelta(hours=2)),
    tags=["titles"],
    dag_display_name="Title upkeep",
)
def title_upkeep() -> None:
    desk_tasks.publish_due()
    desk_tasks.purge_caches() >> desk_tasks.delete_titles()
    desk_tasks.collect_pictures()


title_upkeep()
