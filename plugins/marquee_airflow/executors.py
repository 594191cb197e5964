"""Airflow's local executor, with two races closed, and rest between rounds that ends when a task does.

A task that waits (for a person, for a trigger) ends its process and is queued again under the same key. Answered
within the moment between the two, the old process's end arrives when the task is queued anew; Airflow 3.3 takes it
for the end of the new one, "killed externally", and asks again. Here the new one is handed out only once the old one
has reported its end; until then Airflow's own check (`has_task`) sees it waiting in the queue.

A task reports to the API server, and fails where that does not answer: at the start of a busy machine, where both come
up together, or while it is started anew. Here nothing is handed out until it takes connections.

Airflow's scheduler sleeps between rounds in which it finds nothing to do, and sees only then that a task has ended: a
short sleep costs processor time beside the encodes, a long one leaves their slots empty. Here the executor rests
instead (the scheduler's own sleep is set to 0), and a task that ends wakes it.
"""

import socket
import time
from collections.abc import Sequence
from multiprocessing.connection import wait
from typing import Any
from urllib.parse import urlsplit

from airflow.executors.base_executor import BaseExecutor, get_execution_api_server_url
from airflow.executors.local_executor import LocalExecutor as AirflowLocalExecutor

# What follows the start or the end of a task takes some rounds; a run that a person begins may wait for a long rest.
SHORT_REST_S, LONG_REST_S, BUSY_S = 0.3, 2.0, 3.0
CONNECT_S = 1.0


class OneAtATime(BaseExecutor):
    """Of each key, one workload at a time; for every executor that keeps `running`."""

    def _get_workloads_to_schedule(self, open_slots: int) -> list[tuple[Any, Any]]:
        return [item for item in super()._get_workloads_to_schedule(open_slots) if item[0] not in self.running]


class LocalExecutor(OneAtATime, AirflowLocalExecutor):
    """Tasks as processes of this machine. Unlike Airflow's, it keeps which of them run, and rests between rounds."""

    _busy_until = 0.0

    def _get_workloads_to_schedule(self, open_slots: int) -> list[tuple[Any, Any]]:
        found = super()._get_workloads_to_schedule(open_slots)
        return found if found and _takes_connections(get_execution_api_server_url(self.conf)) else []

    def _process_workloads(self, workload_list: Sequence[Any]) -> None:
        super()._process_workloads(workload_list)
        self.running.update(workload.key for workload in workload_list)
        self._stir()

    def sync(self) -> None:
        """Rest, then take in what has ended meanwhile."""
        rest_s = SHORT_REST_S if time.monotonic() < self._busy_until else LONG_REST_S
        if wait([self.result_queue._reader], timeout=rest_s):  # type: ignore[attr-defined]  # a SimpleQueue's pipe
            self._stir()
        super().sync()

    def _stir(self) -> None:
        self._busy_until = time.monotonic() + BUSY_S


def _takes_connections(url: str) -> bool:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), CONNECT_S).close()
    except OSError:
        return False
    return True
