"""# Roll back a title

Points a title at the release that was shown before, or at the one you name, and warms the edges for it. Viewers who
are playing go on with the release they began with.
"""

from datetime import timedelta

from airflow.sdk import Param, dag

from marquee_airflow import tasks

PARAMS = {
    "title": Param(type="string", minLength=1, title="Title", description="The title's slug."),
    "release_id": Param(
        None,
        type=["null", "string"],
        pattern="^[0-9]+$",
        title="Release",
        description="Empty: the release that was shown before the present one.",
    ),
}


@dag(
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    params=PARAMS,
    default_args={
        "owner": "content-ops",
        "retries": 1,
        "retry_delay": timedelta(seconds=10),
        "retry_policy": tasks.RETRIES,
    },
    tags=["titles"],
    dag_display_name="Title rollback",
)
def title_rollback() -> None:
    shown = tasks.roll_back()
    tasks.warm_up.partial(release_id=shown["release_id"]).expand(edge=tasks.edge_names())


title_rollback()
