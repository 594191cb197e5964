"""Airflow's cluster policy, found by this name on the path: the priority chosen in the form weighs every task.

Airflow applies it wherever it makes a task instance, mapped or not, before the scheduler can see it.
"""

from typing import Any

WEIGHTS = {"low": 100, "normal": 1_000, "high": 10_000, "urgent": 100_000}
WITHIN_RUN = 100  # a task declares a smaller weight than this, to order the tasks of runs with equal priority


def task_instance_mutation_hook(task_instance: Any, dag_run: Any) -> None:
    """Weigh a task by its run's `priority` parameter, then by the weight it declares. Applied twice, it is the same.

    Airflow calls it for every DAG, in the scheduler's own loop: whatever a run's configuration holds, it never raises.
    """
    chosen = (getattr(dag_run, "conf", None) or {}).get("priority", "normal")
    declared = (task_instance.priority_weight or 0) % WITHIN_RUN
    task_instance.priority_weight = WEIGHTS.get(str(chosen), WEIGHTS["normal"]) + declared
