"""Clicks of a viewer and of an operator on a running platform, and the traces of them."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from bench.observe.collector import Collector, Seen
from bench.stack import ROOT, Stack
from marquee.contracts.errors import Unavailable
from marquee.embedded.airflow import passwords as airflow_passwords
from marquee.embedded.airflow_api import AirflowApi

EMAIL, PASSWORD = "ada@example.org", "lantern over quiet water"
CREATE = f"""
from marquee.contracts.members import Role
from marquee.members import staff
staff.create({EMAIL!r}, {PASSWORD!r}, Role.MEMBER, by="bench")
"""
DAG, LONGEST_S = "title_pipeline", 1_200.0


@dataclass(frozen=True)
class Gateway:
    """A client of the gateway, by the name of a site behind it."""

    stack: Stack

    def ask(self, site: str, method: str, path: str, **request: object) -> httpx.Response:
        port = self.stack.settings.port_gateway
        with httpx.Client(verify=False, timeout=60) as client:  # noqa: S501  of this machine
            made = client.build_request(method, f"https://127.0.0.1:{port}{path}", **request)  # type: ignore[arg-type]
            made.headers["Host"] = f"{site}:{port}"
            made.extensions["sni_hostname"] = site
            return client.send(made).raise_for_status()


def click_of_a_viewer(stack: Stack, collector: Collector, title_id: str) -> list[Seen]:
    """The trace of a start of playback, asked of the gateway."""
    headers = {"Authorization": f"Bearer {member(stack)}", "Idempotency-Key": "a click"}
    answer = Gateway(stack).ask(
        "localhost", "POST", "/v1/playback-sessions", json={"title_id": title_id}, headers=headers
    )
    trace = answer.headers["X-Trace-Id"]
    return _trace(collector, trace, lambda spans: any(span.service == "marquee-gateway" for span in spans))


def member(stack: Stack) -> str:
    """The access token of a new member on a trial, who watches as a profile."""
    subprocess.run([sys.executable, "-c", CREATE], env=stack.environment, cwd=ROOT, check=True)
    gateway = Gateway(stack)

    def ask(path: str, token: str, said: dict[str, str]) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = gateway.ask("localhost", "POST", path, json=said, headers=headers)
        told: dict[str, str] = answer.json()
        return told

    token = ask("/v1/sign-in", "", {"email": EMAIL, "password": PASSWORD, "keep": "body"})["access_token"]
    profile = ask("/v1/profiles", token, {"name": "Ada"})["profile_id"]
    ask("/v1/account/subscription/trial", token, {"plan": "premium"})
    return ask(f"/v1/profiles/{profile}/choice", token, {})["access_token"]


def click_at_the_desk(stack: Stack, collector: Collector, title_id: str) -> list[Seen]:
    """The trace of a request to encode a title again, down to the programs of the run that it begins."""
    login = {"username": "admin", "password": airflow_passwords(stack.settings)["admin"]}
    gateway = Gateway(stack)
    token = gateway.ask("airflow.localhost", "POST", "/auth/token", json=login).json()["access_token"]
    headers = {
        "Authorization": f"Bearer {token}",
        "traceparent": "00-5eed5eed5eed5eed5eed5eed5eed5eed-5eed5eed5eed5eed-01",
    }
    path = f"/marquee/api/titles/{title_id}/encode"
    begun = gateway.ask(
        "airflow.localhost", "POST", path, json={"ladder": "standard", "scheme": "none"}, headers=headers
    )
    with stack.airflow() as airflow:
        run_id = begun.json()["run_id"]
        carry(airflow, run_id)
    return _trace(collector, headers["traceparent"][3:35], lambda spans: any("dag_run" in s.name for s in spans))


def carry(airflow: AirflowApi, run_id: str) -> None:
    """Wait for a run to succeed, and waive what quality control asks about a test picture. Raises Unavailable."""
    for state, _ in airflow.follow(DAG, run_id, timeout_s=LONGEST_S, interval_s=2):
        for asked in airflow.questions():
            airflow.answer(DAG, asked["task_instance"]["dag_run_id"], "approve", "Waive", reason="a test picture")
        if state == "failed":
            raise Unavailable("the run has failed", where=f"{DAG} {run_id}")


def _until(done: Callable[[], bool], what: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise Unavailable(f"{what} took longer than {seconds:.0f} s")
        time.sleep(2)


def _trace(collector: Collector, trace: str, whole: Callable[[list[Seen]], bool]) -> list[Seen]:
    def found() -> list[Seen]:
        return [span for span in collector.spans if span.trace == trace]

    _until(lambda: whole(found()), f"trace {trace}", 60)
    time.sleep(3)  # spans of one trace come from several processes, each in batches of its own
    return found()
