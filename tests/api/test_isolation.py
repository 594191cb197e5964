"""Nobody reads or changes what is another's: every operation of the API's own description, asked by another account.

The operations come from the OpenAPI document, so a new route is in the matrix by itself; its path parameters have to be
known here, or the test fails.
"""

import json
import re
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from api.main import create_app
from marquee.catalogue import accounts, exports, passkeys
from marquee.catalogue.database import begin
from marquee.members import passwords
from tests.api.conftest import Publish
from tests.api.test_manifests import pack
from tests.households import Viewer, household

PASSWORD = "lantern over quiet water"
OPEN = {"title_id", "kid", "system", "person_id", "slug", "list_name"}  # path parameters of what is everybody's
# Bodies that would change something if they were let through, by operation.
BODIES: dict[str, Any] = {
    "change_profile": {"name": "Mallory"},
    "choose_profile": {},
    "set_profile_picks": {"picks": []},
    "set_preferences": {"text_on": True},
    "change_opinion": {"hidden": True},
    "beat_playback_session": {"position_ms": 500_000},
    "remove_passkey": {"password": PASSWORD},
    "ask_export": {"password": PASSWORD},
    "open_export": {"token": "of nobody"},
    "open_preview": {"token": "of nobody"},
}
QUERIES = {"get_change_cost": {"plan": "basic"}}
MANIFESTS = {"get_dash_manifest", "get_hls_master", "get_hls_playlist"}  # opened by a token in the address
PAYERS = {"get_change_cost"}  # what is only told to who has a paid plan
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in create_app().openapi()["paths"].items()
    for method, operation in methods.items()
]
TELLS_NOTHING = {"get_steering"}  # of the session that it is asked for: any id gets an answer
OWNED = [
    found
    for found in OPERATIONS
    if {*re.findall(r"{(\w+)}", found[1])} - OPEN and found[2]["operationId"] not in TELLS_NOTHING
]
MEMBERS = [found for found in OPERATIONS if found[2].get("security") == [{"member": []}]]


def label(found: Any) -> str:
    return f"{found[0]} {found[1]}" if isinstance(found, tuple) else ""


@pytest.fixture
def victim(guest: TestClient, publish: Publish) -> tuple[Viewer, dict[str, str]]:
    """A member with something of everything, and the ids of it by the name of the parameter."""
    whose, made = household("victim@example.org", name="Victoria"), publish()
    pack(made)
    headers = whose.headers | {"Idempotency-Key": "k"}
    grant = guest.post("/v1/playback-sessions", json={"title_id": made.title_id}, headers=headers).json()
    beat = f"/v1/playback-sessions/{grant['session_id']}/heartbeat"
    own = {"Authorization": f"Bearer {grant['token']}"}
    assert guest.post(beat, json={"position_ms": 123_456}, headers=own).status_code == 200
    with begin() as session:
        accounts.set_password(session, whose.account_id, passwords.hashed(PASSWORD))
        passkey = passkeys.add(session, whose.account_id, b"credential", b"public key", 0, "Victoria's phone")
        assert passkey is not None
        passkey_id = passkey.id
        exports.ask(session, whose.account_id)
    opinion = whose.path(f"/opinions/{made.title_id}")
    assert guest.patch(opinion, json={"listed": True}, headers=whose.headers).status_code == 200
    assert guest.put(whose.path("/picks"), json={"picks": [made.title_id]}, headers=whose.headers).status_code == 204
    return whose, {
        "profile_id": str(whose.profile_id),
        "session_id": grant["session_id"],
        "device_id": str(whose.member.device_id),
        "title_id": made.title_id,
        "kid": made.keys[0].kid,
        "passkey_id": str(passkey_id),
        "name": "video-h264-360p",
    }


def state() -> dict[str, list[Any]]:
    """All that is kept of the victim."""
    tables = (
        "accounts",
        "devices",
        "profiles",
        "profile_picks",
        "progress",
        "title_opinions",
        "streams",
        "subscriptions",
    )
    with begin() as session:
        return {
            table: sorted(map(str, session.execute(text(f"select * from {table}")).all()))
            for table in (*tables, "playback_sessions", "passkeys", "exports")
        }


def ask(
    client: TestClient, found: Any, ids: dict[str, str], headers: dict[str, str], grant: dict[str, Any] | None = None
) -> Any:
    """Carry out an operation on these ids, with these headers; a manifest is asked for with the grant's token."""
    method, path, operation = found
    names = re.findall(r"{(\w+)}", path)
    assert {*names} <= {*ids}, f"say in this test what {names} are"
    body = {"json": BODIES[operation["operationId"]]} if "requestBody" in operation else {}
    query = QUERIES.get(operation["operationId"])
    if operation["operationId"] in MANIFESTS and grant:
        query = dict(httpx.URL(grant["manifests"][0]["url"]).params)
    return client.request(method, path.format(**ids), headers=headers, params=query, **body)


@pytest.mark.parametrize("found", OWNED, ids=label)
def test_another_account_gets_and_changes_nothing(
    guest: TestClient, victim: tuple[Viewer, dict[str, str]], found: Any
) -> None:
    whose, ids = victim
    mallory = household("mallory@example.org", name="Mallory")
    grant = guest.post(
        "/v1/playback-sessions",
        json={"title_id": ids["title_id"]},
        headers=mallory.headers | {"Idempotency-Key": "k"},
    ).json()
    before = state()
    for headers in (
        mallory.headers,
        mallory.without_profile(),
        {"Authorization": f"Bearer {grant['token']}"},
        {"Authorization": f"Bearer {grant['media']['token']}"},
        {},
        {"Authorization": "Bearer x"},
    ):
        answer = ask(guest, found, ids, headers, grant)
        assert answer.status_code in {401, 403, 404}, (headers, answer.text)
        assert_tells_nothing(answer, whose, ids)
    assert state() == before


@pytest.mark.parametrize("found", OWNED, ids=label)
def test_the_owner_is_let_in(guest: TestClient, victim: tuple[Viewer, dict[str, str]], found: Any) -> None:
    """So that the test above can fail."""
    whose, ids = victim
    grant = guest.post(
        "/v1/playback-sessions", json={"title_id": ids["title_id"]}, headers=whose.headers | {"Idempotency-Key": "k"}
    ).json()
    tokens = {"session": grant["token"], "media": grant["media"]["token"]}
    shown = next((tokens[scheme] for needs in found[2].get("security", []) for scheme in needs if scheme in tokens), "")
    headers = {"Authorization": f"Bearer {shown}"} if shown else whose.headers
    assert ask(guest, found, ids, headers, grant).status_code < 300


@pytest.mark.parametrize("found", [f for f in MEMBERS if f[0] == "GET"], ids=label)
def test_what_is_read_with_another_account_holds_nothing_of_the_first(
    guest: TestClient, victim: tuple[Viewer, dict[str, str]], found: Any
) -> None:
    whose, ids = victim
    mallory = household("mallory@example.org", name="Mallory")
    mine = ids | {"profile_id": str(mallory.profile_id), "device_id": str(mallory.member.device_id)}
    answer = ask(guest, found, mine, mallory.headers)
    assert answer.status_code == (409 if found[2]["operationId"] in PAYERS else 200), answer.text
    assert_tells_nothing(answer, whose, ids)
    assert "123456" not in answer.text


@pytest.mark.parametrize("found", MEMBERS, ids=label)
def test_who_has_signed_out_is_let_in_no_more(
    guest: TestClient, victim: tuple[Viewer, dict[str, str]], found: Any
) -> None:
    """Catalogue and rows may be read for the minutes an access token lives; all else asks the database."""
    whose, ids = victim
    assert guest.post("/v1/sign-in/end", json={}, headers=whose.headers).status_code == 204
    method, path, operation = found
    bodies = BODIES | {"open_playback_session": {"title_id": ids["title_id"]}}
    body = {"json": bodies.get(operation["operationId"], {})} if "requestBody" in operation else {}
    answer = guest.request(method, path.format(**ids), headers=whose.headers | {"Idempotency-Key": "another"}, **body)
    if operation["operationId"] in {"list_titles", "get_title", "list_rows"}:
        assert answer.status_code == 200
    else:
        assert answer.status_code in {401, 422}, answer.text


def assert_tells_nothing(answer: Any, whose: Viewer, ids: dict[str, str]) -> None:
    """An error may repeat what was asked for, but names nothing beyond it."""
    told = json.dumps(answer.json()) if answer.content else ""
    for secret in ("Victoria", "victim@example.org", str(whose.account_id)):
        assert secret not in told
    if answer.status_code < 400:
        for name in ("profile_id", "session_id", "device_id", "passkey_id"):
            assert ids[name] not in told
