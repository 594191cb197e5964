"""The tasks of the backup's DAGs.

Imports stay inside the tasks, because Airflow parses the DAG files, and so this one, in every task process.
"""

from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException

Json = dict[str, Any]


@task
def back_up() -> Json:
    """Back up database, stores and secrets; skipped where MARQUEE_BACKUP_URL is not set."""
    from marquee.backup import layout, making

    s = _settings()
    made = making.make(s, layout.opened(s.backup), print)
    return {"backup": made.id, "bytes": made.bytes, "missing": list(made.missing)}


@task
def verify() -> Json:
    """Read every byte of the newest backup and restore its database; fails when anything is wrong."""
    from marquee.backup import checking, layout
    from marquee.contracts.errors import GateFailed

    s = _settings()
    checked = checking.verify(s, layout.opened(s.backup), print)
    if checked.wrong:
        raise GateFailed("the backup is not good", where=checked.backup, got="; ".join(checked.wrong[:5]))
    return checked.model_dump(mode="json", include={"backup", "objects", "bytes"})


@task
def rehearse() -> Json:
    """Restore the newest backup into a home of its own and play a title from it; returns what was played."""
    from marquee.backup import rehearsal

    s = _settings()
    return rehearsal.rehearse(s, s.backup, print).model_dump(mode="json")


def _settings() -> Any:
    from marquee.settings import settings

    if not settings().backup_url:
        raise AirflowSkipException("MARQUEE_BACKUP_URL is not set")
    return settings()
