"""# Demand

Forecasts the plays of each title in each territory for the next day, from the marts and, for new titles, from what
titles like them did. The forecast decides what is put into which edge's cache before anyone asks, and which titles
earn the premium encodes; these go through `title_pipeline` at low priority.

The error of each forecast is kept in MLflow once its day is over.
"""

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import AssetOrTimeSchedule, dag

from marquee_airflow import data_tasks, deadlines, tasks
from marquee_airflow.assets import RECOMMENDATIONS_ASSET
from marquee_airflow.schedules import nightly


@dag(
    doc_md=__doc__,
    schedule=AssetOrTimeSchedule(timetable=nightly(5), assets=[RECOMMENDATIONS_ASSET]),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "data",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "retry_policy": tasks.RETRIES,
    },
    deadline=deadlines.within(timedelta(hours=2)),
    tags=["models"],
    dag_display_name="Demand and warm-up",
)
def demand_warmup() -> None:
    expected = data_tasks.forecast()
    data_tasks.warm.expand(wanted=data_tasks.warmups(expected))
    TriggerDagRunOperator.partial(
        task_id="encode_costlier",
        trigger_dag_id="title_pipeline",
        skip_when_already_exists=True,
        map_index_template="{{ task.trigger_run_id }}",
    ).expand_kwargs(data_tasks.costlier(expected))


demand_warmup()
