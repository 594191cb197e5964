"""PostgreSQL stopped and started again under a running API: 503 meanwhile, and what plays goes on."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from marquee.catalogue import database
from marquee.embedded.ports import free
from marquee.embedded.postgres import EmbeddedPostgres
from tests.api.conftest import OpenSession, Publish, assert_problem, bearer
from tests.households import Viewer

PASSWORD = "lantern over quiet water"


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server for this file alone, which may be stopped."""
    with TemporaryDirectory(prefix="marquee-tests-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", free(1)[0], "password-of-the-tests", durable=False)
        server.prepare()
        server.start()
        yield server
        server.stop()


@pytest.fixture
def _migrated(postgres: EmbeddedPostgres) -> str:
    """In place of the one that all other tests share."""
    with psycopg.connect(f"{postgres.url}/postgres", autocommit=True) as connection:
        connection.execute("create database marquee")
    database.migrate(f"{postgres.url.replace('postgresql://', 'postgresql+psycopg://')}/marquee")
    return postgres.url


def test_meanwhile_all_is_unavailable_and_what_plays_goes_on(
    postgres: EmbeddedPostgres, client: TestClient, viewer: Viewer, publish: Publish, open_session: OpenSession
) -> None:
    made = publish()
    grant = open_session(made)
    session, playing = f"/v1/playback-sessions/{grant['session_id']}", bearer(grant)
    numbers = iter(range(10))

    def beat() -> Any:
        return client.post(f"{session}/heartbeat", json={"position_ms": 60_000}, headers=playing)

    def report() -> Any:
        event = {"session_id": grant["session_id"], "name": "playing", "viewer_time_ms": 1_800_000_000_000}
        return client.post("/v1/events", json={"events": [event | {"seq": next(numbers), "position_ms": 0}]})

    assert (beat().status_code, report().status_code) == (200, 202)
    assert client.get(viewer.path("/rows")).status_code == 200
    postgres.stop()
    for answer in (
        beat(),
        client.get(f"/v1/licences/keys/{made.keys[0].kid}", headers=playing),
        client.get(f"{session}/standing", headers={"Authorization": f"Bearer {grant['media']['token']}"}),
        client.get("/readyz"),
        client.get("/v1/titles"),
        client.get(viewer.path("/rows")),
        client.get("/v1/account"),
        client.post("/v1/sign-in", json={"email": "ada@example.org", "password": PASSWORD}),
        client.post("/v1/accounts", json={"email": "ada@example.org", "password": PASSWORD}),
        client.post(
            "/v1/playback-sessions", json={"title_id": made.title_id}, headers=viewer.headers | {"Idempotency-Key": "n"}
        ),
    ):
        assert_problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "5"
    assert report().json()["accepted"] == 1  # what a player tells is kept
    postgres.start()
    assert (beat().status_code, report().status_code) == (200, 202)
    assert client.get(f"/v1/licences/keys/{made.keys[0].kid}", headers=playing).status_code == 200
    assert client.get(viewer.path("/rows")).status_code == 200
