"""# Billing reconciliation

Every night: compares the subscription of every account with the payment provider's, and reads again every customer to
whom something happened in the last three days. So a report (webhook) that was lost does no harm beyond a day.
Trigger it after an outage; an installation that takes no payments skips it.
"""

from datetime import timedelta

from airflow.sdk import dag

from marquee_airflow import deadlines, member_tasks, tasks
from marquee_airflow.schedules import nightly


@dag(
    doc_md=__doc__,
    schedule=nightly(3),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "members",
        "retries": 3,
        "retry_delay": timedelta(minutes=5),
        "retry_policy": tasks.RETRIES,
    },
    deadline=deadlines.within(timedelta(hours=2)),
    tags=["members"],
    dag_display_name="Billing reconciliation",
)
def billing_reconciliation() -> None:
    member_tasks.reconcile()


billing_reconciliation()
