"""Airflow's pools, schedulers and failed runs, from its database."""

from collections.abc import Iterator

from prometheus_client import Metric
from sqlalchemy import Connection, text

from marquee.catalogue.database import engine
from marquee.monitoring.parts import gauge, rows
from marquee.settings import settings

SLOTS = text("select pool, slots from slot_pool")
TASKS = text("""
    select pool, state, count(*),
        extract(epoch from now() - min(scheduled_dttm) filter (where state in ('scheduled', 'queued')))
    from task_instance where state in ('scheduled', 'queued', 'running') group by pool, state
""")
HEARTBEATS = text("""
    select job_type, extract(epoch from now() - max(latest_heartbeat)) from job
    where state = 'running' group by job_type
""")
FAILED = text("""
    select dag_id, count(*) from dag_run
    where state = 'failed' and end_date > now() - interval '1 day' group by dag_id
""")


def read() -> Iterator[Metric]:
    """Figures of the pools, `marquee_pool_…{pool}`, of Airflow's parts and of runs that have failed."""
    with engine(settings().database("airflow")).connect() as connection:
        yield from _pools(connection)
        yield from _parts(connection)


def _pools(connection: Connection) -> Iterator[Metric]:
    """Places, tasks by state, and seconds for which the oldest has waited for a place; 0 where none waits."""
    slots = gauge("pool_slots", "Places of a pool", "pool")
    tasks = gauge("pool_tasks", "Tasks of a pool", "pool", "state")
    waiting = gauge("pool_queue_age_seconds", "For how long the oldest task of a pool has waited", "pool")
    oldest: dict[str, float] = {}
    for pool, count in rows(connection, SLOTS):
        slots.add_metric([pool], count)
        oldest[pool] = 0.0
    for pool, state, count, age in rows(connection, TASKS):
        tasks.add_metric([pool, state], count)
        oldest[pool] = max(oldest.get(pool, 0.0), float(age or 0))
    for pool, seconds in oldest.items():
        waiting.add_metric([pool], seconds)
    yield from (slots, tasks, waiting)


def _parts(connection: Connection) -> Iterator[Metric]:
    beats = gauge("airflow_heartbeat_age_seconds", "Since the last sign of life of a part of Airflow", "process")
    failed = gauge("dag_runs_failed", "Runs of a DAG that have failed within a day", "dag")
    for job, age in rows(connection, HEARTBEATS):
        beats.add_metric([job], float(age))
    for dag, count in rows(connection, FAILED):
        failed.add_metric([dag], count)
    yield from (beats, failed)
