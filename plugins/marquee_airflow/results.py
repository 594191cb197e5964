"""What tasks of runs have returned, for pages about a run."""

from typing import Any

from airflow.models.xcom import XComModel
from airflow.utils.session import create_session


def returned(dag: str, run: str, task: str) -> dict[str, Any] | None:
    """What a task of a run has returned; None while it has not."""
    with create_session() as session:
        query = XComModel.get_many(key="return_value", dag_ids=dag, run_id=run, task_ids=task)
        row = session.scalars(query.limit(1)).first()
    found: dict[str, Any] | None = XComModel.deserialize_value(row) if row else None
    return found
