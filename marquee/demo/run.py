"""The demo: starts everything, publishes a film, prints the addresses, makes the rest in the background."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from marquee.catalogue import titles
from marquee.catalogue.database import begin, migrate
from marquee.catalogue.models import TitleState
from marquee.contracts.errors import Unavailable
from marquee.demo import members, rest, sample
from marquee.demo.runs import Say, client, follow
from marquee.embedded import commands
from marquee.embedded.airflow_api import FINAL, AirflowApi
from marquee.embedded.supervisor import Supervisor
from marquee.settings import Profile, Settings

DAG = "title_pipeline"
DELIVERY_S = 90


def run(s: Settings, say: Say) -> None:
    """Bring the platform up, publish the sample film, print the addresses, follow the rest. Safe to run at any time.

    The rest goes on in the background whatever happens to this process. Raises Unavailable when the sample film or the
    rest fails.
    """
    first_time = not Supervisor(s).folder.exists()
    with ThreadPoolExecutor(1) as pool:  # the film is made while the servers start
        making = pool.submit(sample.deliver, s.inbox) if first_time else None
        commands.up(s, say, migrate=migrate)
        if making:
            making.result()
    members.make(s)
    if not _published(sample.SLUG):
        _publish(s, say)
    print_addresses(s, say)
    if not rest.done():
        _follow_rest(s, say)


def print_addresses(s: Settings, say: Say) -> None:
    """The addresses people use, with the logins of the demo profile."""
    say("")
    for address in commands.addresses(s):
        login = f"   {address.user} / {address.password}" if address.user else ""
        say(f"  {address.name:<14} {address.url}{login}")
    for member in (*members.MEMBERS, members.WATCHER) if s.profile is Profile.DEMO else ():
        say(f"  {'Member':<14} {member.email} / {members.password(s, member.email)}   {member.says}")
    say("")


def _follow_rest(s: Settings, say: Say) -> None:
    background = rest.background(s)
    goes_on = "has begun" if background.start() else "goes on"
    say(f"You can watch now. The rest {goes_on} in the background (24 short films, viewers, a model): close this")
    say(f"terminal or press Ctrl-C as you like, and read on in {background.log}.")
    try:
        background.follow(say)
    except KeyboardInterrupt:
        say("the rest goes on in the background")
        return
    if not rest.done():
        raise Unavailable("the rest of the demo stopped; run the demo again to go on", where=str(background.log))


def _published(slug: str) -> bool:
    with begin() as session:
        title = titles.by_slug(session, slug)
        return title is not None and title.state == TitleState.PUBLISHED


def _publish(s: Settings, say: Say) -> None:
    with client(s) as api:
        runs = _runs(api)
        over = {run["dag_run_id"] for run in runs if run["state"] in FINAL}
        if len(over) == len(runs) and not (s.inbox / sample.SLUG).exists():
            say("making the sample film …")
            sample.deliver(s.inbox)
        run_id = _awaited_run(api, over)
        say(f"delivered; Airflow carries it: {s.airflow_url}/dags/{DAG}/runs/{run_id}")
        state = follow(api, DAG, run_id, say)
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
