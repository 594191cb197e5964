"""# Restore rehearsal

A backup that was never restored is a hope. Every week, where `MARQUEE_BACKUP_URL` is set:

| step | what happens |
|---|---|
| `verify` | every byte of the newest backup is read, and its database restored and held against the files |
| `rehearse` | all of it is restored into `rehearsal/` below `MARQUEE_HOME`, its own servers start, and a member plays a title: manifest, licence, a segment decrypted and decoded, in Chromium where there is one |

The result of `rehearse` says what was played and how long the restore took. Nothing is left behind; it needs as much space
as the stores, meanwhile. Killed at any moment, the next run clears what is left.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag

from marquee_airflow import backup_tasks, deadlines, tasks


@dag(
    doc_md=__doc__,
    schedule=CronTriggerTimetable("41 8 * * 6", timezone="UTC", run_immediately=timedelta()),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "operators",
        "retries": 1,
        "retry_delay": timedelta(minutes=10),
        "retry_policy": tasks.RETRIES,
    },
    deadline=deadlines.within(timedelta(hours=24)),
    tags=["operations"],
    dag_display_name="Restore rehearsal",
)
def restore_rehearsal() -> None:
    backup_tasks.verify() >> backup_tasks.rehearse()


restore_rehearsal()
