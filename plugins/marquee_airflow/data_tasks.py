"""The tasks of the data plane's DAGs: event log, sessions, marts, models, demand.

Imports stay inside the tasks, because Airflow parses the DAG files, and so this one, in every task process.
"""

from datetime import date
from typing import Any

from airflow.sdk import TriggerRule, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from marquee_airflow.assets import (
    DEMAND_ASSET,
    EDGES_ASSET,
    EVENT_LOG_ASSET,
    MARTS_ASSET,
    MODEL_ASSET,
    RECOMMENDATIONS_ASSET,
    SESSIONS_ASSET,
)

Json = dict[str, Any]
WRITES = {"pool": "lake"}  # one at a time: a backfill may run beside what was just shipped


@task(outlets=[EVENT_LOG_ASSET])
def ship() -> Json:
    """Move every acknowledged event and every line of the edges' logs into the lake, once; skipped for none."""
    from marquee.viewing.pipeline import shipping

    shipped = shipping.ship()
    if not shipped:
        raise AirflowSkipException("neither events nor requests since the last time")
    return {shipment.id: shipment.rows for shipment in shipped}


@task(**WRITES)
def scrub() -> int:
    """Take viewers who were deleted out of the lake; returns the number of files that changed."""
    from marquee.viewing.pipeline import deletion

    shipment = deletion.scrub()
    return len(shipment.files) if shipment else 0


@task(multiple_outputs=True)
def find_due(params: Json) -> Json:
    """The days to make anew: those named in the form, a backfill's own day, or whatever was shipped since."""
    from marquee.viewing.pipeline import changed_partitions

    run = get_current_context()["dag_run"]
    if params.get("first_day"):
        first = date.fromisoformat(params["first_day"])
        found = changed_partitions.period(first, date.fromisoformat(params.get("last_day") or params["first_day"]))
    elif getattr(run.run_type, "value", run.run_type) == "backfill":
        day = run.logical_date.date()
        found = changed_partitions.period(day, day)
    else:
        found = changed_partitions.due()
    if not found.anything:
        raise AirflowSkipException("nothing was shipped since the marts were made")
    return found.model_dump(mode="json")


@task
def check_events(due: Json) -> str:
    """Great Expectations on the raw events of these days: a broken expectation ends the run here."""
    return _check("events", due)


@task(**WRITES, outlets=[SESSIONS_ASSET])
def make_sessions(due: Json) -> Json:
    """Spark: playbacks and viewing sessions of these days, then interactions and title pairs."""
    from spark_jobs import jobs

    return jobs.run(("playbacks", "sessions", "interactions", "cowatch"), _days(due)).seconds


@task
def check_sessions(due: Json) -> str:
    """Great Expectations on playbacks and sessions: do they agree with the events and with each other?"""
    return _check("sessions", due)


@task(**WRITES)
def build_marts(due: Json) -> Json:
    """dbt: staging, intermediate models and marts with their tests, in a private file that replaces the shown one."""
    from marquee.viewing.warehouse import build, dbt_docs

    built = build.build(None if due["whole"] else _days(due))
    dbt_docs.docs_site()
    return {"marts": built.marts, "tests": built.tests}


@task
def check_marts(due: Json) -> str:
    """Great Expectations on the marts, before anyone reads them."""
    return _check("marts", due)


@task(outlets=[MARTS_ASSET])
def serve_charts(due: Json) -> int:
    """Put top 10, trending, hidden gems and leaving soon where the API reads them, and remember how far we are."""
    from marquee.viewing.pipeline import changed_partitions, charts, simulating

    entries = charts.load()
    simulating.resume()
    changed_partitions.done(changed_partitions.Due.model_validate(due))
    return entries


def _check(name: str, due: Json) -> str:
    from marquee.viewing.expectations import checkpoints

    return checkpoints.check(name, _days(due)).run


def _days(due: Json) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in due["days"])


@task(inlets=[MARTS_ASSET], outlets=[MODEL_ASSET])
def train() -> Json:
    """Judge every candidate on a window that none of them saw, refit the challenger on everything, register it."""
    from ml import train as training

    trained = training.train()
    return {"run_id": trained.run_id, "version": trained.version}


@task
def promote(trained: Json) -> Json:
    """The gate: the challenger becomes champion when it is better beyond its interval and worse on no guard metric."""
    from ml import promote as gate

    decision = gate.promote(trained["run_id"])
    return {"promoted": decision.promoted, "kind": decision.kind}


@task
def plan_publication(_decision: Json) -> list[Json]:
    """The champion's viewers in parts to be scored side by side; none where its lists are kept already."""
    from ml import publish_parts

    return [part.model_dump() | {"name": part.name} for part in publish_parts.plan()]


@task(map_index_template="{{ task.op_kwargs['part']['name'] }}")
def score(part: Json) -> int:
    """The lists of one part of the viewers, the same wherever and beside whomever they are computed."""
    from ml import publish_parts

    return publish_parts.score(publish_parts.Part.model_validate(part))


@task(outlets=[RECOMMENDATIONS_ASSET], trigger_rule=TriggerRule.NONE_FAILED)
def publish(parts: list[Json]) -> str:
    """Write the champion's recommendations for all profiles and switch to them in one transaction."""
    from ml import publish_parts

    return str(publish_parts.publish_scored([publish_parts.Part.model_validate(part) for part in parts]))


def publication(decision: Any) -> None:
    """The tasks that publish the champion, once it has been decided which one that is."""
    parts = plan_publication(decision)
    score.expand(part=parts) >> publish(parts)


@task
def roll_back_model(params: Json) -> Json:
    """Make an earlier version champion again."""
    from ml import promote as gate

    return {"model": gate.rollback(params["reason"], to_version=params.get("version")).model}


@task(inlets=[MARTS_ASSET, RECOMMENDATIONS_ASSET], outlets=[DEMAND_ASSET])
def forecast() -> Json:
    """Plays expected of each title in each territory on the next day; the error of the last forecast goes to MLflow."""
    from ml.demand import nightly

    made = nightly.forecast()
    return {"day": str(made.day), "rows": made.rows, "run_id": made.run_id}


@task
def warmups(_forecast: Json) -> list[Json]:
    """What to warm: release by edge, the most wanted first, within the byte budget of each edge."""
    from marquee.viewing.pipeline import demand

    return [wanted.model_dump(mode="json") for wanted in demand.warmups()]


@task(map_index_template="{{ task.op_kwargs['wanted']['name'] }}", outlets=[EDGES_ASSET])
def warm(wanted: Json) -> Json:
    """Fill one edge's cache with one release, unless it is there already."""
    from marquee.content.pipeline import releasing

    report = releasing.warm_up(int(wanted["release_id"]), wanted["edge"])
    return report.model_dump(mode="json", exclude={"failed"})


@task
def costlier(_forecast: Json) -> list[Json]:
    """Titles that are wanted enough to earn the premium encodes and do not have them, as runs of the title pipeline."""
    from marquee.content.desk import again
    from marquee.viewing.pipeline import demand

    return [
        {
            "conf": run.model_dump(mode="json", exclude_none=True) | {"priority": "low"},
            "trigger_run_id": f"demand__{title.slug}__{title.release_id}",
        }
        for title in demand.costlier()
        if (run := again.earned(title.title_id, demand.PREMIUM))
    ]
