"""The order in which Airflow runs tasks, and that each is run by one process at a time: in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

POLICY = """
from types import SimpleNamespace as Some
from airflow.settings import task_instance_mutation_hook as hook

assert hook.is_noop is False, "Airflow has not found the policy"
def weigh(declared, conf):
    task = Some(priority_weight=declared, task_id="encode")
    for _ in range(2):  # Airflow applies it again when it maps a task
        hook(task, dag_run=None if conf is None else Some(conf=conf))
    return task.priority_weight
order = [weigh(w, {"priority": p}) for p in ("low", "normal", "high", "urgent") for w in (1, 10, 50, 99)]
assert order == sorted(set(order)), order
normal = weigh(10, {"priority": "normal"})
for conf in (None, {}, {"priority": None}, {"priority": ["urgent"]}, {"priority": {}}, {"priority": "soon"}):
    assert weigh(10, conf) == normal, conf
"""

FIRST = """
import airflow.settings  # puts the plugins folder on the path
import pendulum
from airflow.sdk import CronTriggerTimetable
from airflow.serialization.encoders import coerce_to_core_timetable
from airflow.timetables.base import TimeRestriction
from marquee_airflow.schedules import nightly

def first(timetable):
    restriction = TimeRestriction(earliest=None, latest=None, catchup=False)
    return coerce_to_core_timetable(timetable).next_dagrun_info(
        last_automated_data_interval=None, restriction=restriction
    ).logical_date

now = pendulum.now("UTC")
assert first(nightly(now.hour)) > now, "a fresh installation would run the last night's jobs on nothing"
assert first(CronTriggerTimetable(f"0 {now.hour} * * *", timezone="UTC")) < now, "Airflow has changed: nightly() can go"
"""

EXECUTOR = """
import os, socket
from types import SimpleNamespace as Some
server = socket.create_server(("127.0.0.1", 0))
host, port = server.getsockname()
os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] = f"http://{{host}}:{{port}}/execution/"
import airflow.settings  # puts the plugins folder on the path
from airflow.models.taskinstancekey import TaskInstanceKey
from airflow.utils.state import TaskInstanceState
from {module} import {name} as Executor

executor, key = Executor(parallelism=4), TaskInstanceKey("d", "t", "r", 1, -1)
sent = []
parent = next(c for c in Executor.__mro__ if c.__module__.startswith("airflow.") and "_process_workloads" in vars(c))
def send(self, items):
    sent.extend(items)
    for item in items:
        self.queued_tasks.pop(item.key)
    if parent.__name__ == "CeleryExecutor":  # as it does itself; the local one keeps no such list
        self.running.update(item.key for item in items)
parent._process_workloads = send

executor.queued_tasks[key] = Some(key=key, ti=Some(key=key, id="1", priority_weight=1))
executor.trigger_tasks(4)
assert len(sent) == 1
executor.queued_tasks[key] = Some(key=key, ti=Some(key=key, id="1", priority_weight=1))  # answered at once: queued anew
executor.trigger_tasks(4)
assert len(sent) == 1, "handed out while its earlier process has not reported its end"
executor.change_state(key, TaskInstanceState.SUCCESS)  # the end of the process that asked
assert executor.has_task(Some(key=key, id="1")), "Airflow would fail the task as killed externally"
executor.trigger_tasks(4)
assert len(sent) == 2
if "{name}" == "LocalExecutor":
    executor.change_state(key, TaskInstanceState.SUCCESS)
    server.close()
    executor.queued_tasks[key] = Some(key=key, ti=Some(key=key, id="1", priority_weight=1))
    executor.trigger_tasks(4)
    assert len(sent) == 2, "handed out while the server that it reports to does not answer"
    server = socket.create_server((host, port))
    executor.trigger_tasks(4)
    assert len(sent) == 3
"""


REST = """
import time
from multiprocessing import SimpleQueue
import airflow.settings  # puts the plugins folder on the path
from airflow.models.taskinstancekey import TaskInstanceKey
from airflow.utils.state import TaskInstanceState
from marquee_airflow import executors

executors.SHORT_REST_S, executors.LONG_REST_S = 0.2, 60.0
executor, key = executors.LocalExecutor(parallelism=4), TaskInstanceKey("d", "t", "r", 1, -1)
executor.result_queue, executor._check_workers = SimpleQueue(), lambda: None

def rest():
    began = time.monotonic()
    executor.sync()
    return time.monotonic() - began

executor.running.add(key)
executor.result_queue.put((key, TaskInstanceState.SUCCESS, None))
assert rest() < 10, "a task that has ended waits for the end of a rest"
assert key not in executor.running
assert 0.2 <= rest() < 10, "soon after an end the rests are short"
"""


def run(code: str, tmp_path: Path) -> None:
    env = os.environ | {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__PLUGINS_FOLDER": f"{ROOT}/plugins"}
    env |= {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/none"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_higher_priority_outweighs_any_task_of_a_lower_one(tmp_path: Path) -> None:
    run(POLICY, tmp_path)


def test_nightly_jobs_do_not_run_for_a_night_before_the_installation(tmp_path: Path) -> None:
    run(FIRST, tmp_path)


@pytest.mark.parametrize(("module", "name"), [("executors", "LocalExecutor"), ("celery_executor", "CeleryExecutor")])
def test_a_task_answered_at_once_waits_for_the_process_that_asked(module: str, name: str, tmp_path: Path) -> None:
    run(EXECUTOR.format(module=f"marquee_airflow.{module}", name=name), tmp_path)


def test_the_end_of_a_task_ends_the_rest(tmp_path: Path) -> None:
    run(REST, tmp_path)
