"""The tasks of the members' DAGs. Imports stay inside the tasks, as in data_tasks."""

from dataclasses import asdict
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException


@task
def reconcile() -> dict[str, Any]:
    """Make what is kept of every customer what the payment provider says; skipped where no payments are taken."""
    from marquee.members.billing import reconciliation
    from marquee.settings import settings

    if not settings().takes_payments:
        raise AirflowSkipException("this installation takes no payments")
    return asdict(reconciliation.reconcile(print))
