"""Follows runs of Airflow's DAGs, line by line."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from marquee.embedded import airflow
from marquee.embedded.airflow_api import AirflowApi
from marquee.settings import Settings

Say = Callable[[str], None]
LONGEST_S = 3600


def client(s: Settings) -> AirflowApi:
    """Airflow's REST API as its admin."""
    return AirflowApi(f"http://127.0.0.1:{s.port_airflow}", "admin", airflow.passwords(s)["admin"])


def follow(api: AirflowApi, dag: str, run_id: str, say: Say) -> str:
    """Say how a run gets on, a line whenever something changes; returns its final state."""
    said, state = "", "queued"
    started = time.monotonic()
    for now, tasks in api.follow(dag, run_id, timeout_s=LONGEST_S):
        state, line = now, progress(tasks)
        if line != said:
            say(f"{time.monotonic() - started:6.0f} s  {line}")
            said = line
    return state


def progress(tasks: list[dict[str, Any]]) -> str:
    """The steps under way, e.g. `encode 12/48 · make_track 2/3`; what has ended or not begun is left out."""
    done: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for task in tasks:
        total[task["task_id"]] += 1
        done[task["task_id"]] += task["state"] in {"success", "skipped"}
    begun = {t["task_id"] for t in tasks if t["state"] in {"running", "success", "failed", "up_for_retry"}}
    active = [f"{step} {done[step]}/{total[step]}" for step in total if step in begun and done[step] < total[step]]
    waiting = [t["task_id"] for t in tasks if t["state"] in {"awaiting_input", "deferred"}]
    failed = [t["task_id"] for t in tasks if t["state"] == "failed"]
    words = [*active, *(f"{w} waits for a person" for w in waiting), *(f"{f} failed" for f in failed)]
    return " · ".join(words) or "…"
