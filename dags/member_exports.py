"""# Members' own copies

Wakes when a member has asked for a copy of their data, and every hour in any case.

| step | what happens |
|---|---|
| `delete_expired_exports` | files that have had their week, or whose account is gone, are deleted |
| `make_exports` | each copy that is due is written from catalogue and lake; a message has the link to it |

A copy that fails is tried again, five times in all, then the log says `export failed` and the member may ask anew. Runs
can be killed at any moment: what was under way is due again after half an hour, and is made from the beginning.
"""

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag

from marquee_airflow import deadlines, member_tasks, tasks
from marquee_airflow.assets import EXPORTS_ASSET


@dag(
    doc_md=__doc__,
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("17 * * * *", timezone="UTC"), assets=[EXPORTS_ASSET]),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "members",
        "retries": 2,
        "retry_delay": timedelta(seconds=20),
        "retry_policy": tasks.RETRIES,
    },
    deadline=deadlines.within(timedelta(hours=2)),
    tags=["members"],
    dag_display_name="Member exports",
)
def member_exports() -> None:
    member_tasks.delete_expired_exports() >> member_tasks.make_exports()


member_exports()
