"""The second part of the demo, in the background: `python -m marquee.demo.rest`.

The sample film in all sizes, short films, simulated viewers who watch them, and the nightly DAGs on what they watched.
Every step does what is missing, so that it can be killed anywhere and started again.
"""

import logging
import sys
from datetime import UTC, datetime, timedelta

from marquee import logs
from marquee.catalogue import recommendations
from marquee.catalogue.database import begin
from marquee.contracts.errors import MarqueeError, Unavailable
from marquee.demo import films, members, sample
from marquee.demo.background import Background
from marquee.demo.runs import Say, client, follow
from marquee.embedded.airflow_api import AirflowApi
from marquee.embedded.services import settings_environment
from marquee.settings import Settings, settings
from marquee.viewing.pipeline import simulating
from marquee.viewing.simulation.spec import Spec

VIEWERS, DAYS = 400, 28
PIPELINE = "title_pipeline"
DAGS = ("viewing_marts", "nightly_recommender", "demand_warmup")


def background(s: Settings) -> Background:
    """This module as a process of the embedded stack: `marquee down` ends it with the rest."""
    argv = [sys.executable, "-m", "marquee.demo.rest"]
    return Background(argv, s.home / "logs" / "demo.log", settings_environment(s))


def done() -> bool:
    """Whether recommendations, which come last, are there."""
    with begin() as session:
        return recommendations.live_generation(session) is not None


def make(s: Settings, say: Say) -> None:
    """Make the films, let the viewers watch, run the DAGs; says how it gets on. Raises Unavailable for a failed run."""
    with client(s) as api:
        _carry(s, api, PIPELINE, _run_of_sample(api) or api.trigger(PIPELINE, {"delivery": sample.SLUG}), say)
    say("making short films …")
    films.publish_all(say)
    say(f"{VIEWERS} simulated viewers watch for {DAYS} days …")
    start = datetime.now(UTC).date() - timedelta(days=DAYS)
    simulating.simulate(Spec(viewers=VIEWERS, start=start, days=DAYS, premieres=0.1))
    members.lend_history(s)
    with client(s) as api:
        for dag in DAGS:
            _carry(s, api, dag, api.trigger(dag, {}), say)
    say("all is done: every profile has recommendations")


def _run_of_sample(api: AirflowApi) -> str | None:
    """The latest run that encodes the sample film in all sizes or has done so."""
    runs = api.call("GET", f"/dags/{PIPELINE}/dagRuns", params={"order_by": "-id", "limit": 100})["dag_runs"]
    of_sample = (run for run in runs if run["conf"].get("delivery") == sample.SLUG and run["state"] != "failed")
    return next((str(run["dag_run_id"]) for run in of_sample), None)


def _carry(s: Settings, api: AirflowApi, dag: str, run_id: str, say: Say) -> None:
    """Follow a run to its end. Raises Unavailable unless that is a good one."""
    say(f"{dag}: {s.airflow_url}/dags/{dag}/runs/{run_id}")
    if follow(api, dag, run_id, say) != "success":
        raise Unavailable("the run failed", where=f"{dag} {run_id}", expected="success", got="failed")


if __name__ == "__main__":
    logs.configure(level=logging.WARNING)
    try:
        make(settings(), print)
    except MarqueeError as error:
        sys.exit(f"stopped: {error}")
