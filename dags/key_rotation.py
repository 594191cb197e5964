"""# Key rotation

Gives titles new content keys when theirs are older than `MARQUEE_KEY_DAYS` days (0: never): each is made anew from the
encodes of the release that viewers get, by a run of the title pipeline of low priority. Nothing is encoded again.

| step | what happens |
|---|---|
| `keys_due` | the titles with the oldest keys, 50 at most |
| `start_pipeline` | one run each; who watches stays on the old release, who starts gets the new one |
"""

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import CronTriggerTimetable, dag

from marquee_airflow import tasks


@dag(
    doc_md=__doc__,
    schedule=CronTriggerTimetable("47 1 * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "content-ops",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": tasks.RETRIES,
    },
    tags=["titles"],
    dag_display_name="Key rotation",
)
def key_rotation() -> None:
    TriggerDagRunOperator.partial(
        task_id="start_pipeline",
        trigger_dag_id="title_pipeline",
        skip_when_already_exists=True,
        map_index_template="{{ task.trigger_run_id }}",
    ).expand_kwargs(tasks.keys_due())


key_rotation()
