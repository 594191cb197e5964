"""A small platform's state: what the exporter reads, made by the real parts where that takes no time.

Airflow's tables are Airflow's own, and a receiver of PostgreSQL's log stands for a standby.
"""

import json
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psycopg

from marquee.catalogue.database import begin
from marquee.catalogue.models import Generation, LiveMetric, ReplicaFindingRow, now
from marquee.embedded.postgres import binary
from marquee.settings import settings
from marquee.viewing.warehouse.reading import published

TABLES = """
import airflow.models as models
from airflow.models.base import Base
from sqlalchemy import create_engine
models.import_all_models()
Base.metadata.create_all(create_engine("%s"))
"""
TASK = """
    insert into task_instance (id, task_id, dag_id, run_id, map_index, state, pool, pool_slots, try_number, max_tries,
        scheduled_dttm, start_date, end_date, duration, queue, priority_weight, custom_operator_name,
        unixname, hostname, executor_config)
    values (gen_random_uuid(), 'encode', 'title_pipeline', 'r', %(place)s, %(state)s::text, 'transcode', 1, 1, 0,
        now() - interval '20 minutes', now() - interval '15 minutes',
        case %(state)s::text when 'success' then now() end, case %(state)s::text when 'success' then 600 end,
        'transcode', 1, '', 'u', 'h', '')
"""


def airflow_database(url: str, folder: Path) -> None:
    """Airflow's database with two pools, a scheduler that lives, and tasks that wait, run and have ended."""
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute("drop database if exists airflow with (force)")
        connection.execute("create database airflow")
    told = {"AIRFLOW_HOME": str(folder), "PATH": "/usr/bin:/bin", "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    orm = f"{url.replace('postgresql://', 'postgresql+psycopg2://')}/airflow"
    told["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = orm
    subprocess.run([sys.executable, "-c", TABLES % orm], env=told, check=True, capture_output=True, timeout=120)
    with psycopg.connect(f"{url}/airflow", autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # rows without those they belong to
        for pool, slots in (("transcode", 2), ("lake", 1)):
            connection.execute(
                "insert into slot_pool (pool, slots, include_deferred) values (%s, %s, false)", (pool, slots)
            )
        for place, state in enumerate(("scheduled", "running", "success")):
            connection.execute(TASK, {"place": place, "state": state})
        connection.execute(
            "insert into job (job_type, state, latest_heartbeat) values ('SchedulerJob', 'running', now())"
        )
        connection.execute(
            "insert into dag_run (dag_id, run_id, run_type, state, end_date, run_after, clear_number, triggered_by)"
            " values ('ship_events', 'r', 'manual', 'failed', now(), now(), 0, 'TEST')"
        )


def catalogue_state(release_id: int) -> None:
    """Live figures, an alarm, recommendations that are two hours old, and a replica that was found damaged."""
    minute = now().replace(second=0, microsecond=0)
    with begin() as session:
        for metric, value in (("viewers", 3.0), ("alarm:rebuffering", 0.0)):
            session.add(LiveMetric(minute=minute, metric=metric, edge="*", value=value))
        session.add(Generation(model="m/1", audience="all", live=True, created_at=now() - timedelta(hours=2)))
        session.add(ReplicaFindingRow(release_id=release_id, region="eu", found={"missing": 1}, lost=["a"], repaired=0))


def files() -> None:
    """Marts, and an event that was not shipped."""
    published().parent.mkdir(parents=True, exist_ok=True)
    published().write_bytes(b"marts")
    segment = settings().event_log / "writer" / "000001.open"
    segment.parent.mkdir(parents=True, exist_ok=True)
    segment.write_text("{}\n")


def edge_serves(requests: int, *, cache: str = "HIT", status: int = 200) -> None:
    """An edge logs requests for segments of four seconds, a megabyte each."""
    at = time.time()
    columns = {"at": at, "edge": "edge-a", "path": "/1/2/video/h264-720p/1.m4s", "bytes": 1_000_000, "seconds": 0.01}
    line = json.dumps(columns | {"status": status, "cache": cache, "cmcd": "d%3D4000%2Cot%3Dv"})
    path = settings().edge_log / "edge-a" / f"{int(at) // 100}.open"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(f"{line}\n" * requests)


def standby(url: str, folder: Path) -> "subprocess.Popen[bytes]":
    """A receiver of the database's log, which the server takes for a standby that has replayed nothing."""
    argv = [
        str(binary("pg_receivewal")),
        "--dbname",
        f"{url}/postgres?application_name=us",
        "-D",
        str(folder),
        "--no-loop",
    ]
    return subprocess.Popen(argv, stderr=subprocess.DEVNULL)
