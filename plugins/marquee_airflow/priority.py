"""Tasks of an urgent run take the next free slot before those of a normal one."""

from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.task.priority_strategy import PriorityWeightStrategy
from airflow.utils.session import create_session
from sqlalchemy import select

WEIGHTS = {"low": 1, "normal": 10, "high": 100, "urgent": 1000}


_chosen: dict[tuple[str, str], str] = {}


def _run_priority(dag_id: str, run_id: str) -> str:
    """The priority chosen in the form, read once per run: its configuration never changes.

    A run that is being created is not visible yet; its tasks that are not mapped weigh as normal, the chunks and
    tracks, which the scheduler maps later, as chosen.
    """
    key = (dag_id, run_id)
    if key not in _chosen:
        with create_session(scoped=False) as session:  # the scheduler holds locks in its own
            found = session.execute(select(DagRun.conf).filter_by(dag_id=dag_id, run_id=run_id)).first()
        if found is None:
            return "normal"
        _chosen[key] = str((found.conf or {}).get("priority", "normal"))
    return _chosen[key]


class ByRunPriority(PriorityWeightStrategy):
    """The weight of the run's `priority` parameter, plus the weight the task declares within its run.

    A class method, because Airflow 3.3 calls it on the class for mapped tasks and on an instance for others.
    """

    @classmethod
    def get_weight(cls, ti: TaskInstance) -> int:
        chosen = _run_priority(ti.dag_id, ti.run_id)
        return WEIGHTS.get(chosen, WEIGHTS["normal"]) * 100 + (ti.task.priority_weight if ti.task else 0)
