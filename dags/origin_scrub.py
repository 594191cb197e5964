"""# Scrubbing the origin

Reads the replicas of published releases through and compares every file with the signed list of the release. What is
missing or wrong is replaced by a good copy of another replica, while viewers go on playing.

| what | when |
|---|---|
| suspected releases | first: one that failed a verification or a publication, or whose files edges could not get |
| all others | every `MARQUEE_SCRUB_DAYS` days each, the longest unread first |

`suspect_troubled` looks through the edges' logs in the lake. The result of `scrub` has an entry per release with
findings: region, number of files by fault, how many were repaired; `marquee scrub-report` lists them all. A release that
could not be made whole fails the task and stays suspected. Killed at any moment, the next run goes on.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, Param, dag

from marquee_airflow import deadlines, tasks

PARAMS = {
    "minutes": Param(
        180,
        type="integer",
        minimum=1,
        maximum=1440,
        title="Minutes",
        description="No release is begun after so many.",
    )
}


@dag(
    doc_md=__doc__,
    schedule=CronTriggerTimetable("23 2 * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args={
        "owner": "content-ops",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": tasks.RETRIES,
    },
    deadline=deadlines.within(timedelta(hours=26)),
    tags=["titles"],
    dag_display_name="Origin scrub",
)
def origin_scrub() -> None:
    tasks.suspect_troubled() >> tasks.scrub()


origin_scrub()
