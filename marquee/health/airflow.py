"""Airflow's components, pools and failed runs, from its database: the same wherever its processes run."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import text

from marquee.health.checks import Check, Part, State, duration, of_age
from marquee.health.database import asked
from marquee.settings import Settings

BEATING_S = 60.0  # twice what Airflow itself takes for healthy ([scheduler] scheduler_health_check_threshold)
WAITING_S = 3600.0
PROCESSES = {"SchedulerJob": "scheduler", "DagProcessorJob": "dag-processor", "TriggererJob": "triggerer"}
BEATS = text("select job_type, max(latest_heartbeat) from job where state = 'running' group by job_type")
POOLS = text("""
    select pool, slots,
        count(*) filter (where state = 'running'), count(*) filter (where state in ('queued', 'scheduled')),
        extract(epoch from now() - min(coalesce(queued_dttm, scheduled_dttm))
            filter (where state in ('queued', 'scheduled')))
    from slot_pool left join task_instance using (pool) group by pool, slots order by pool
""")
FAILED = text("select count(*) from dag_run where state = 'failed' and end_date > now() - interval '1 day'")


def parts(s: Settings) -> list[Part]:
    return [Part("Airflow", "components", partial(_components, s)), Part("Queues", "pools", partial(_pools, s))]


def _components(s: Settings) -> Iterator[Check]:
    with asked(s, "airflow") as session:
        beats: dict[Any, Any] = dict(session.execute(BEATS).tuples().all())
        failed: int = session.execute(FAILED).scalar_one()
    for job, name in PROCESSES.items():
        told = of_age(name, "alive", beats.get(job), BEATING_S, never="does not run")
        yield told if told.state is State.OK else Check(name, State.DOWN, "has given no sign of life", told.at)
    yield Check("runs failed", State.WARNING if failed else State.OK, f"{failed} within a day")


def _pools(s: Settings) -> Iterator[Check]:
    with asked(s, "airflow") as session:
        rows: list[Any] = list(session.execute(POOLS))
    for pool, slots, running, queued, oldest in rows:
        waits = f", the oldest for {duration(float(oldest))}" if oldest is not None else ""
        late = oldest is not None and oldest > WAITING_S
        said = f"{running} running of {slots}, {queued} waiting{waits}"
        yield Check(pool, State.WARNING if late else State.OK, said)
