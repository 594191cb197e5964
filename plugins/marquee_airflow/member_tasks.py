"""The tasks of the members' DAGs: copies of what is kept of them, and what they pay.

Imports stay inside the tasks, because Airflow parses the DAG files, and so this one, in every task process. No task
passes on whom it is about: what Airflow keeps of its runs outlives accounts.
"""

from dataclasses import asdict
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException


@task
def delete_expired_exports() -> int:
    """Delete the files of copies that have had their time, or whose account is gone; returns how many."""
    from marquee.members.exports import upkeep

    return upkeep.tidy()


@task(pool="lake")  # nothing is written into the lake while it is read
def make_exports() -> int:
    """Make the copies that members have asked for, and tell them; returns how many."""
    from marquee.personal import making

    return making.make_due()


@task
def reconcile() -> dict[str, Any]:
    """Make what is kept of every customer what the payment provider says; skipped where no payments are taken."""
    from marquee.members.billing import reconciliation
    from marquee.settings import settings

    if not settings().takes_payments:
        raise AirflowSkipException("this installation takes no payments")
    return asdict(reconciliation.reconcile(print))
