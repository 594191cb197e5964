"""Alerts when a run of a DAG is late."""

from datetime import timedelta
from typing import Any

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference


def within(interval: timedelta) -> DeadlineAlert:
    """An alert when a run has not ended so long after it was queued."""
    return DeadlineAlert(reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=interval, callback=AsyncCallback(late))


async def late(**context: Any) -> None:
    """Say in the triggerer's log which run is late, where the operator's log collection finds it."""
    from marquee.logs import log

    run = context.get("dag_run") or {}
    get = run.get if isinstance(run, dict) else lambda name: getattr(run, name, None)
    log.warning("late", dag_id=get("dag_id"), run_id=get("dag_run_id") or get("run_id"))
