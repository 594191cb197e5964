"""# The nightly recommender

Trains every candidate on what was watched, judges all of them on a window that none of them saw, and puts the best
through the gate. MLflow keeps every run: parameters, learning curves, metrics by group of viewers, the model, and in
plain words why it was promoted or not.

| step | what happens |
|---|---|
| `train` | candidates and challenger on the same split; the challenger is registered |
| `promote` | better than the champion beyond its interval, and worse on no guard metric? |
| `plan_publication`, `score` | the champion's lists, computed for parts of the viewers side by side |
| `publish` | the lists of all profiles, switched in one transaction |

Whatever the gate decides, viewers get fresh lists from the champion.
"""

from datetime import timedelta

from airflow.sdk import dag

from marquee_airflow import data_tasks, deadlines, tasks
from marquee_airflow.schedules import nightly


@dag(
    doc_md=__doc__,
    schedule=nightly(4),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "data",
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": tasks.RETRIES,
    },
    deadline=deadlines.within(timedelta(hours=4)),
    tags=["models"],
    dag_display_name="Nightly recommender",
)
def nightly_recommender() -> None:
    data_tasks.publication(data_tasks.promote(data_tasks.train()))


nightly_recommender()
