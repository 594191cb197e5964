"""Every query of the API on a table of members names the account, so that one shard answers it.

PostgreSQL says which partitions a statement looks at; one that looks at several of a table had no key.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx
import psycopg
import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from api import database
from marquee.catalogue.database import engine
from marquee.catalogue.models import Base
from marquee.catalogue.rows import STAMPS, VIEWERS
from marquee.contracts.members import Role
from marquee.members import staff
from marquee.personal import making
from marquee.settings import settings
from tests.api.conftest import Publish
from tests.api.test_isolation import BODIES, MANIFESTS, OPERATIONS
from tests.api.test_manifests import pack
from tests.households import Viewer
from tests.plugin_mail import Mailbox

SHARDED = {name for name, table in Base.metadata.tables.items() if table.kwargs.get("postgresql_partition_by")}
MEMBERS = {name for name in SHARDED if {"account_id", "address"} & {*Base.metadata.tables[name].columns.keys()}}
UPKEEP = ("spent_challenges.at <", "accounts.delete_at <=")  # of the background, once an hour: asks all shards
MANY_HOUSEHOLDS = {STAMPS, VIEWERS}  # of those who ask at once: the accounts are given, and each row is asked of one


@pytest.fixture
def scattered(catalogue: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that look at several partitions of one table of members."""
    found: list[str] = []

    def look(connection: Any, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if MEMBERS & set(re.findall(r"\w+", statement)) and re.match(
            r"\s*(select|update|delete|insert)", statement, re.I
        ):
            with connection.connection.driver_connection.cursor() as another:
                plan = another.execute(f"explain (format json) {statement}", parameters).fetchone()[0]
            note(statement, plan)

    def note(statement: str, plan: Any) -> None:
        parts = set(re.findall(r'"Relation Name": "(\w+_p\d+)"', json.dumps(plan)))
        tables = [part.rpartition("_")[0] for part in parts]
        if not any(words in statement for words in UPKEEP):
            found.extend(f"{table}: {statement}" for table in MEMBERS if tables.count(table) > 1)

    whole = database._fetch

    async def fetch(connection: asyncpg.Connection, statement: str, *values: object) -> list[Any]:
        if statement not in MANY_HOUSEHOLDS:
            url = settings().database().replace("+psycopg", "")
            with psycopg.connect(url, cursor_factory=psycopg.RawCursor) as another:
                rows = another.execute(f"explain (format json) {statement}".encode(), values).fetchall()
            note(statement, rows)
        return await whole(connection, statement, *values)

    monkeypatch.setattr(database, "_fetch", fetch)
    event.listen(engine(), "before_cursor_execute", look)
    yield found
    event.remove(engine(), "before_cursor_execute", look)


def test_each_statement_asks_one_shard(
    scattered: list[str], guest: TestClient, viewer: Viewer, publish: Publish
) -> None:
    made = publish()
    pack(made)
    account = {"email": "ada@example.org", "password": "lantern over quiet water"}
    guest.post("/v1/accounts", json=account)
    guest.post("/v1/accounts/forgotten-password", json={"email": account["email"]})
    tokens = guest.post("/v1/sign-in", json=account | {"keep": "body"}).json()
    guest.post("/v1/sign-in", json=account | {"password": "another"})
    guest.post("/v1/sign-in/refresh", json={"refresh_token": tokens["refresh_token"]})
    headers = viewer.headers | {"Idempotency-Key": "k"}
    grant = guest.post("/v1/playback-sessions", json={"title_id": made.title_id}, headers=headers).json()
    ids = {
        "profile_id": str(viewer.another(name="Ben").profile_id),
        "session_id": grant["session_id"],
        "device_id": str(viewer.on_another_device().member.device_id),
        "title_id": made.title_id,
        "kid": made.keys[0].kid,
        "passkey_id": "7",
        "name": "video-h264-360p",
        "system": "widevine",
        "person_id": "7",
        "slug": "the-coast",
        "list_name": "new",
    }
    bodies = BODIES | {"create_profile": {"name": "Cy"}, "begin_trial": {"plan": "basic"}, "log_out_member": {}}
    # what ends something comes last
    for method, path, operation in sorted(OPERATIONS, key=lambda found: (found[0] == "DELETE", "end" in found[1])):
        security = [name for scheme in operation.get("security", []) for name in scheme]
        shown = {"session": grant["token"], "media": grant["media"]["token"]}
        token = {name: {"Authorization": f"Bearer {value}"} for name, value in shown.items()}
        token["member"] = viewer.headers
        acting = token.get((security or [""])[0], {})
        own = ids if operation["operationId"] in {"delete_profile", "choose_profile"} else ids | own_profile(viewer)
        body = {"json": bodies.get(operation["operationId"], {})} if "requestBody" in operation else {}
        query = dict(httpx.URL(grant["manifests"][0]["url"]).params) if operation["operationId"] in MANIFESTS else None
        answer = guest.request(
            method, path.format(**own), headers=acting | {"Idempotency-Key": "k"}, params=query, **body
        )
        assert query is None or answer.status_code == 200
    assert scattered == []


def test_each_statement_of_a_copy_asks_one_shard(scattered: list[str], guest: TestClient, mailbox: Mailbox) -> None:
    email, password = "ada@example.org", "lantern over quiet water"
    staff.create(email, password, Role.MEMBER, by="test")
    tokens = guest.post("/v1/sign-in", json={"email": email, "password": password, "keep": "body"}).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    export = "/v1/account/export"
    assert guest.post(export, json={"password": password}, headers=headers).status_code == 202
    assert scattered == []
    assert making.make_due() == 1
    scattered.clear()  # the task is batch work: it reads the indexes from addresses and identities to accounts
    link = {"token": mailbox.token(email, "Your data is ready")}
    ticket = guest.post(f"{export}/ticket", json=link, headers=headers).json()
    assert guest.post(f"{export}/file", data={"ticket": ticket["ticket"]}).status_code == 200
    assert guest.get(export, headers=headers).json()["state"] == "ready"
    assert guest.post(f"{export}/message", headers=headers).status_code == 202
    assert scattered == []


def own_profile(viewer: Viewer) -> dict[str, str]:
    return {"profile_id": str(viewer.profile_id)}
