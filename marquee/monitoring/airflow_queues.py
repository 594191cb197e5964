"""Airflow's pools, schedulers and failed runs, from its database."""

from collections.abc import Iterator

from prometheus_client import Metric
from sqlalchemy import text

from marquee.catalogue.database import engine
from marquee.monitoring.parts import gauge
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
    """`marquee_pool_…{pool}`: places, tasks by state, and seconds for which the oldest has waited for a place."""
    slots = gauge("pool_slots", "Places of a pool", "pool")
    tasks = gauge("pool_tasks", "Tasks of a pool", "pool", "state")
    waiting = gauge("pool_queue_age_seconds", "For how long the oldest task of a pool has waited", "pool")
    beats = gauge("airflow_heartbeat_age_seconds", "Since the last sign of life of a part of Airflow", "process")
    failed = gauge("dag_runs_failed", "Runs of a DAG that have failed within a day", "dag")
    with engine(settings().database("airflow")).connect() as connection:
        pools = {row.pool: row.slots for row in connection.execute(SLOTS)}
        rows = connection.execute(TASKS).all()
        for job, age in connection.execute(HEARTBEATS):
            beats.add_metric([job], float(age))
        for dag, count in connection.execute(FAILED):
            failed.add_metric([dag], count)
    oldest = dict.fromkeys(pools, 0.0)
    for pool, state, count, age in rows:
        tasks.add_metric([pool, state], count)
        oldest[pool] = max(oldest.get(pool, 0.0), float(age or 0))
    for pool, count in pools.items():
        slots.add_metric([pool], count)
    for pool, age in oldest.items():
        waiting.add_metric([pool], age)
    yield from (slots, tasks, waiting, beats, failed)
