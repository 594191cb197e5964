"""# Roll back the recommender

Makes an earlier version of the recommender champion again and publishes its lists at once. The reason is kept with the
version in MLflow.
"""

from datetime import timedelta

from airflow.sdk import Param, dag

from marquee_airflow import data_tasks, tasks

PARAMS = {
    "reason": Param(type="string", minLength=3, title="Reason", description="Why; it is kept with the version."),
    "version": Param(
        None,
        type=["null", "integer"],
        minimum=1,
        title="Version",
        description="A version in MLflow's registry. Empty: the champion before the present one.",
    ),
}


@dag(
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    params=PARAMS,
    default_args={
        "owner": "data",
        "retries": 1,
        "retry_delay": timedelta(seconds=10),
        "retry_policy": tasks.RETRIES,
    },
    tags=["models"],
    dag_display_name="Recommender rollback",
)
def model_rollback() -> None:
    data_tasks.publication(data_tasks.roll_back_model())


model_rollback()
