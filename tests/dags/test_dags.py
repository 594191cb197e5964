"""What every DAG must hold, read from Airflow's own parser in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

OWNERS = {"titles": "content-ops", "members": "members", "operations": "operators"}
READ = """
import json, sys
HEAVY = "duckdb fastapi great_expectations lightfm mlflow pandas pyarrow pyspark ttconv".split()
import airflow_local_settings
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowSkipException
bag = DagBag("dags")
from marquee_airflow import tasks
try:
    held = tasks.publish.function("1", {"hold": True}) and None
except AirflowSkipException as skipped:
    held = str(skipped)
given = {"slug": "film", "delivery_id": "7"}, {"release_id": "9"}
form = {"delivery": "film", "ladder": "hdr", "quick_first": True, "delivery_id": None}
upgrades = [tasks.upgrades.function(*given, quick, form) for quick in (True, False)]
print(json.dumps({
    "errors": bag.import_errors,
    "within_run": airflow_local_settings.WITHIN_RUN,
    "held": held,
    "upgrades": upgrades,
    "heavy": sorted(set(HEAVY) & set(sys.modules)),
    "dags": {
        d.dag_id: {
            "doc": d.doc_md, "tags": sorted(d.tags), "owner": d.owner,
            "params": {
                k: s["schema"] | {"description": s["description"]}
                for k, s in ((k, d.params.get_param(k).serialize()) for k in d.params)
            },
            "tasks": {
                t.task_id: {
                    "pool": t.pool, "queue": t.queue, "retries": t.retries, "weight": t.priority_weight,
                    "doc": t.doc_md or t.doc,
                }
                for t in d.tasks
            },
        }
        for d in bag.dags.values()
    },
}), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("airflow")
    env = os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/none",
        "PYTHONPATH": f"{ROOT}:{ROOT}/plugins",
    }
    done = subprocess.run([sys.executable, "-c", READ], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    read: dict[str, Any] = json.loads(done.stderr.strip().splitlines()[-1])
    return read


def test_every_dag_parses_and_stays_light(bag: dict[str, Any]) -> None:
    assert bag["errors"] == {}
    assert {"title_pipeline", "inbox_watch", "title_rollback", "title_upkeep", "title_retention"} <= set(bag["dags"])
    assert {"billing_reconciliation"} <= set(bag["dags"])
    assert {"ship_events", "viewing_marts", "nightly_recommender", "demand_warmup"} <= set(bag["dags"])
    assert {"member_exports", "backup", "restore_rehearsal"} <= set(bag["dags"])
    assert bag["heavy"] == []


def test_every_dag_speaks_to_people(bag: dict[str, Any]) -> None:
    for name, dag in bag["dags"].items():
        assert dag["doc"].startswith("# "), name
        assert dag["tags"], name
        assert dag["owner"] == OWNERS.get(dag["tags"][0], "data"), name
        for param, schema in dag["params"].items():
            assert schema.get("title"), f"{name}.{param} has no title in the form"
            assert schema.get("description"), f"{name}.{param} has no help text in the form"


@pytest.mark.parametrize("name", ["nightly_recommender", "model_rollback"])
def test_viewers_are_scored_in_parts_before_their_lists_are_published(bag: dict[str, Any], name: str) -> None:
    assert {"plan_publication", "score", "publish"} <= set(bag["dags"][name]["tasks"])


def test_encoding_is_bounded_by_its_pool_and_survives_a_lost_worker(bag: dict[str, Any]) -> None:
    tasks = bag["dags"]["title_pipeline"]["tasks"]
    costly = {"quality_control", "probe", "encode", "make_track", "join_and_verify"}
    assert {n for n, t in tasks.items() if t["pool"] == "transcode"} == costly
    assert {n for n, t in tasks.items() if t["queue"] == "transcode"} == costly
    assert all(t["retries"] >= 2 for t in tasks.values())
    assert tasks["quality_control"]["weight"] > max(tasks[n]["weight"] for n in costly - {"quality_control"})


def test_no_task_outweighs_the_priority_of_a_run(bag: dict[str, Any]) -> None:
    assert all(0 < t["weight"] < bag["within_run"] for dag in bag["dags"].values() for t in dag["tasks"].values())


def test_the_form_offers_the_profiles_that_exist(bag: dict[str, Any]) -> None:
    from marquee.content.media import ladder
    from marquee.content.media.qc import profile as qc

    params = bag["dags"]["title_pipeline"]["params"]
    assert set(params["ladder"]["enum"]) <= set(ladder.profiles())
    assert set(params["qc_profile"]["enum"]) <= set(qc.profiles())


def test_a_run_that_is_to_hold_publishes_nothing(bag: dict[str, Any]) -> None:
    assert bag["dags"]["title_pipeline"]["params"]["hold"]["type"] == "boolean"
    assert bag["held"].startswith("held")


def test_a_title_shown_in_small_renditions_gets_a_run_for_the_wanted_ones(bag: dict[str, Any]) -> None:
    quick, whole = bag["upgrades"]
    assert whole == []
    assert quick == [
        {
            "conf": {"delivery": "film", "ladder": "hdr", "quick_first": False, "delivery_id": "7"},
            "trigger_run_id": "upgrade__film__9",
        }
    ]
    assert bag["dags"]["title_pipeline"]["params"]["quick_first"]["type"] == "boolean"


def test_one_task_at_a_time_writes_the_lake(bag: dict[str, Any]) -> None:
    tasks = bag["dags"]["viewing_marts"]["tasks"]
    assert {name for name, task in tasks.items() if task["pool"] == "lake"} == {"scrub", "make_sessions", "build_marts"}
