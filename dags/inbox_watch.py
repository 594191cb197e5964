"""# The inbox

Wakes when a complete delivery lands in the inbox (a folder with `title.yaml` that holds a `.done` file or has stopped
changing), and every five minutes in any case. Starts one run of `title_pipeline` per delivery, never two for the same.
A folder with `series.yaml` is a series: `take_series` takes it here, since there is nothing to encode. On the way it
looks after uploads: what is whole goes into the inbox, what has lain too long is deleted.
"""

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag

from marquee_airflow import intake_tasks, tasks
from marquee_airflow.assets import DELIVERIES_ASSET


@dag(
    doc_md=__doc__,
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/5 * * * *", timezone="UTC"), assets=[DELIVERIES_ASSET]
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "content-ops", "retries": 2, "retry_delay": timedelta(seconds=10)},
    tags=["titles"],
    dag_display_name="Inbox watch",
)
def inbox_watch() -> None:
    intake_tasks.tidy_uploads()
    intake_tasks.take_series()
    TriggerDagRunOperator.partial(
        task_id="start_pipeline",
        trigger_dag_id="title_pipeline",
        skip_when_already_exists=True,
        map_index_template="{{ task.trigger_run_id }}",
    ).expand_kwargs(tasks.scan_inbox())


inbox_watch()
