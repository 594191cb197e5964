"""Airflow's local executor, with one race closed.

A task that waits (for a person, for a trigger) ends its process and is queued again under the same key. Answered
within the moment between the two, the old process's end arrives when the task is queued anew; Airflow 3.3 takes it
for the end of the new one, "killed externally", and asks again. Here the new one is handed out only once the old one
has reported its end; until then Airflow's own check (`has_task`) sees it waiting in the queue.
"""

from collections.abc import Sequence
from typing import Any

from airflow.executors.base_executor import BaseExecutor
from airflow.executors.local_executor import LocalExecutor as AirflowLocalExecutor


class OneAtATime(BaseExecutor):
    """Of each key, one workload at a time; for every executor that keeps `running`."""

    def _get_workloads_to_schedule(self, open_slots: int) -> list[tuple[Any, Any]]:
        return [item for item in super()._get_workloads_to_schedule(open_slots) if item[0] not in self.running]


class LocalExecutor(OneAtATime, AirflowLocalExecutor):
    """Tasks as processes of this machine. Unlike Airflow's, it keeps which of them run."""

    def _process_workloads(self, workload_list: Sequence[Any]) -> None:
        super()._process_workloads(workload_list)
        self.running.update(workload.key for workload in workload_list)
