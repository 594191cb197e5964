"""The demo: everything up, a sample film delivered and carried to the edges by Airflow, short films, viewers who watch
them, marts and a model of what they watched, the addresses printed.
"""

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from marquee.catalogue import recommendations, titles
from marquee.catalogue.database import begin, migrate
from marquee.catalogue.models import TitleState
from marquee.contracts.errors import Unavailable
from marquee.demo import films, sample
from marquee.embedded import airflow, commands
from marquee.embedded.airflow_api import FINAL, AirflowApi
from marquee.settings import Settings
from marquee.viewing.pipeline import simulating
from marquee.viewing.simulation.spec import Spec

Say = Callable[[str], None]
DAG = "title_pipeline"
DELIVERY_S, PIPELINE_S = 90, 3600
VIEWERS, DAYS = 400, 28


def run(s: Settings, say: Say) -> None:
    """Bring the platform up and make sure that the sample film plays. Safe to run again at any time."""
    commands.up(s, say, migrate=migrate)
    if not _published(sample.SLUG):
        _publish(s, say)
    if not _recommends():
        _watch_and_learn(s, say)
    print_addresses(s, say)


def _recommends() -> bool:
    with begin() as session:
        return recommendations.live_generation(session) is not None


def _watch_and_learn(s: Settings, say: Say) -> None:
    """Films to choose from, simulated viewers, and the nightly DAGs on what they watched."""
    say("making short films …")
    films.publish_all(say)
    say(f"{VIEWERS} simulated viewers watch for {DAYS} days …")
    spec = Spec(viewers=VIEWERS, start=datetime.now(UTC).date() - timedelta(days=DAYS), days=DAYS, premieres=0.1)
    simulating.simulate(spec)
    with client(s) as api:
        for dag in ("viewing_marts", "nightly_recommender", "demand_warmup"):
            run_id = api.trigger(dag, {})
            say(f"{dag}: {s.airflow_url}/dags/{dag}/runs/{run_id}")
            if follow(api, run_id, say, dag=dag) != "success":
                raise Unavailable("the run failed", where=f"{dag} {run_id}", expected="success", got="failed")


def print_addresses(s: Settings, say: Say) -> None:
    """The addresses people use, with the logins of the demo profile."""
    say("")
    for address in commands.addresses(s):
        login = f"   {address.user} / {address.password}" if address.user else ""
        say(f"  {address.name:<14} {address.url}{login}")
    say("")


def client(s: Settings) -> AirflowApi:
    """Airflow's REST API as its admin."""
    return AirflowApi(f"http://127.0.0.1:{s.port_airflow}", "admin", airflow.passwords(s)["admin"])


def _published(slug: str) -> bool:
    with begin() as session:
        title = titles.by_slug(session, slug)
        return title is not None and title.state == TitleState.PUBLISHED


def _publish(s: Settings, say: Say) -> None:
    with client(s) as api:
        over = {run["dag_run_id"] for run in _runs(api) if run["state"] in FINAL}
        if not (s.inbox / sample.SLUG).exists():
            say("making the sample film …")
            sample.deliver(s.inbox)
        run_id = _awaited_run(api, over)
        say(f"delivered; Airflow carries it: {s.airflow_url}/dags/{DAG}/runs/{run_id}")
        state = follow(api, run_id, say)
    if state != "success":
        raise Unavailable("the sample film was not published", where=run_id, expected="success", got=state)


def _runs(api: AirflowApi) -> list[dict[str, Any]]:
    """The latest runs that the inbox watch started for the sample delivery, newest first."""
    runs = api.call("GET", f"/dags/{DAG}/dagRuns", params={"order_by": "-id", "limit": 20})["dag_runs"]
    return [run for run in runs if run["dag_run_id"].startswith(f"delivery__{sample.SLUG}__")]


def _awaited_run(api: AirflowApi, over: set[str]) -> str:
    """The run that carries the sample delivery, once the inbox watch has started it."""
    deadline = time.monotonic() + DELIVERY_S
    while time.monotonic() < deadline:
        for run in _runs(api):
            if run["dag_run_id"] not in over:
                return str(run["dag_run_id"])
        time.sleep(1)
    raise Unavailable("nothing picked the delivery up", where="inbox_watch", expected=f"a run within {DELIVERY_S} s")


def follow(api: AirflowApi, run_id: str, say: Say, *, dag: str = DAG) -> str:
    """Say how a run gets on, a line whenever something changes; returns its final state."""
    said, state = "", "queued"
    started = time.monotonic()
    for now, tasks in api.follow(dag, run_id, timeout_s=PIPELINE_S):
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
