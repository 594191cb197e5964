"""# Backup

Backs up database, stores and secrets to `MARQUEE_BACKUP_URL` every night while everything runs, and lets go what is
older than `MARQUEE_BACKUP_KEEP` backups. What is there already is not copied again. Skipped where the URL is not set.

Meanwhile no release, source or title is deleted. Killed at any moment, the next run makes use of what was copied.
"""

from datetime import timedelta

from airflow.sdk import dag

from marquee_airflow import backup_tasks, deadlines, schedules, tasks


@dag(
    doc_md=__doc__,
    schedule=schedules.nightly(3),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "operators",
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "retry_policy": tasks.RETRIES,
    },
    deadline=deadlines.within(timedelta(hours=12)),
    tags=["operations"],
    dag_display_name="Backup",
)
def backup() -> None:
    backup_tasks.back_up()


backup()
