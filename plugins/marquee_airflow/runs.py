"""Starts a run of a DAG from one of the plugin's pages, in the name of who asks."""

from typing import Any

from airflow.api.common.trigger_dag import trigger_dag
from airflow.exceptions import DagNotFound, DagRunAlreadyExists
from airflow.utils.session import create_session
from airflow.utils.types import DagRunTriggeredByType

from marquee import tracing
from marquee.contracts.errors import Unavailable


def start_run(dag_id: str, conf: dict[str, Any], actor: str, *, run_id: str | None = None) -> str:
    """The id of the new run; of one with an id of its own also where it has been started before.

    Raises Unavailable where Airflow does not know the DAG yet.
    """
    asked = {"triggered_by": DagRunTriggeredByType.REST_API, "triggering_user_name": actor, "conf": conf}
    try:
        with create_session() as session:
            run = trigger_dag(dag_id, session=session, run_id=run_id, **asked)
            if run and tracing.traceparent():
                _trace(run, session)
            return str(run.run_id) if run else ""
    except DagRunAlreadyExists:
        return run_id or ""
    except DagNotFound:
        raise Unavailable("Airflow does not know this DAG yet", where=dag_id) from None


def _trace(run: Any, session: Any) -> None:
    """Have the spans of a run that has just been made, and of its tasks, lie in the trace of who asked for it."""
    for each in (run, *run.get_task_instances(session=session)):
        each.context_carrier = {"traceparent": tracing.new_child()}
