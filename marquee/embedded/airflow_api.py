"""A small client of Airflow's REST API: trigger a title, follow it, answer what it asks."""

import json
import time
from collections.abc import Iterator
from typing import Any, Self

import httpx

from marquee.contracts.errors import MarqueeError, Unavailable

FINAL = {"success", "failed"}
Json = dict[str, Any]


class AirflowApi:
    """Talks to Airflow as one user. Tokens are fetched when first needed and renewed when they expire."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30)
        self._user, self._password = user, password

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def _log_in(self) -> None:
        answer = self._client.post("/auth/token", json={"username": self._user, "password": self._password})
        if answer.status_code != httpx.codes.CREATED:
            raise Unavailable("Airflow refused the login", where=str(self._client.base_url), got=answer.text[:200])
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, method: str, path: str, **request: Any) -> Json:
        """One call below /api/v2. Raises MarqueeError with Airflow's own words for any status of 400 or more."""
        for _ in range(2):
            answer = self._client.request(method, f"/api/v2{path}", **request)
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                break
            self._log_in()
        if answer.is_error:
            raise MarqueeError(
                "Airflow said no", where=f"{method} {path}", got=f"{answer.status_code} {answer.text[:500]}"
            )
        body: Json = answer.json() if answer.content else {}
        return body

    def trigger(self, dag: str, conf: Json) -> str:
        """Start a run; returns its id."""
        return str(self.call("POST", f"/dags/{dag}/dagRuns", json={"conf": conf, "logical_date": None})["dag_run_id"])

    def state(self, dag: str, run: str) -> str:
        """queued, running, success or failed."""
        return str(self.call("GET", f"/dags/{dag}/dagRuns/{run}")["state"])

    def tasks(self, dag: str, run: str) -> list[Json]:
        """All task instances of a run, mapped ones each."""
        found: list[Json] = []
        while True:
            page = self.call(
                "GET", f"/dags/{dag}/dagRuns/{run}/taskInstances", params={"limit": 100, "offset": len(found)}
            )
            found += page["task_instances"]
            if len(found) >= page["total_entries"] or not page["task_instances"]:
                return found

    def follow(
        self, dag: str, run: str, *, timeout_s: float, interval_s: float = 1.0
    ) -> Iterator[tuple[str, list[Json]]]:
        """Yield (state, task instances) until the run ends. Raises Unavailable when it has not by then."""
        deadline = time.monotonic() + timeout_s
        while True:
            state = self.state(dag, run)
            yield state, self.tasks(dag, run)
            if state in FINAL:
                return
            if time.monotonic() > deadline:
                raise Unavailable("the run has not ended in time", where=f"{dag} {run}", got=state)
            time.sleep(interval_s)

    def questions(self) -> list[Json]:
        """What waits for a person: the open human-in-the-loop requests."""
        path = "/dags/~/dagRuns/~/hitlDetails"
        answer = self.call("GET", path, params={"response_received": "false"})
        found: list[Json] = answer["hitl_details"]
        return found

    def answer(self, dag: str, run: str, task: str, option: str, **inputs: str) -> None:
        """Answer a human-in-the-loop task."""
        self.call(
            "PATCH",
            f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/-1/hitlDetails",
            json={"chosen_options": [option], "params_input": inputs},
        )

    def result(self, dag: str, run: str, task: str, map_index: int = -1) -> Any:
        """What a task returned, as JSON."""
        path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value"
        value = self.call("GET", path, params={"map_index": map_index, "deserialize": "false"})["value"]
        return json.loads(value) if isinstance(value, str) else value
