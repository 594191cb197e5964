"""The tasks that keep members' rights: their own copies, made and deleted in time.

Imports stay inside the tasks, because Airflow parses the DAG files, and so this one, in every task process. No task
passes on whom it is about: what Airflow keeps of its runs outlives accounts.
"""

from airflow.sdk import task


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
