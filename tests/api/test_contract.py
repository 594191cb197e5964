"""The API against its own description: schemathesis sends what `/openapi.json` allows, and what it forbids.

Every answer has a documented status and the documented shape; what the description allows is not refused as invalid,
and what it forbids is not accepted.
"""

from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import DataObject, data
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sqlalchemy import select

from api.main import create_app
from marquee.catalogue import accounts, collections, subscriptions
from marquee.catalogue.database import begin
from marquee.catalogue.models import Person
from marquee.contracts.collection import Collection
from marquee.contracts.plans import SubscriptionState
from marquee.embedded.ports import free
from tests.api.conftest import Publish, bearer

OPERATIONS = [found.ok() for found in schemathesis.openapi.from_dict(create_app().openapi()).get_all_operations()]
MODELS = {route.name: route.response_model for route in create_app().routes if isinstance(route, APIRoute)}
PLACES = {"path_parameters": ParameterLocation.PATH, "query": ParameterLocation.QUERY}

pytestmark = pytest.mark.slow
label = attrgetter("label")
examples = settings(
    max_examples=20,
    derandomize=True,  # the same requests in every run
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def address(catalogue: None, tmp_path: Path) -> Iterator[str]:
    """The app behind a real server in a thread of this process."""
    port = free(1)[0]
    server = uvicorn.Server(uvicorn.Config(create_app(tmp_path / "dist"), port=port, log_level="warning"))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def known(address: str, publish: Publish) -> dict[str, str]:
    """What the server has given out, by the name of the parameter that takes it; tokens by scheme."""
    episode = {"kind": "episode", "episode": {"series": "first", "season": 1, "number": 1}}
    first = publish("first", metadata=episode | {"credits": [{"name": "Ada", "role": "director"}]})
    publish("second")
    with begin() as session:
        collections.put(session, Collection(slug="first", texts={"en": {"name": "First"}}, titles=("first",)))
        person_id = str(session.scalar(select(Person.id)))
    with httpx.Client(base_url=address) as client:
        cursor = client.get("/v1/titles", params={"limit": 1}).json()["next_cursor"]
        account = {"email": "ada@example.org", "password": "lantern over quiet water"}
        assert client.post("/v1/accounts", json=account).status_code == 202
        member = client.post("/v1/sign-in", json=account | {"keep": "body"}).json()
        device = client.get("/v1/account/devices", headers=_bearer(member)).json()["items"][0]["device_id"]
        profile = client.post("/v1/profiles", json={"name": "Ada"}, headers=_bearer(member)).json()["profile_id"]
        choice = client.post(f"/v1/profiles/{profile}/choice", json={}, headers=_bearer(member)).json()
        with begin() as session:
            owner = accounts.by_address(session, account["email"])
            accounts.verify_address(session, owner.id)
            state = SubscriptionState.ACTIVE
            subscriptions.put(session, owner.id, plan="premium", state=state, provider="test")
        wanted, key = {"title_id": first.title_id}, {"Idempotency-Key": "1"}
        grant = client.post("/v1/playback-sessions", json=wanted, headers=_bearer(choice) | key).json()
    ids = account | {"title_id": first.title_id, "session_id": grant["session_id"], "profile_id": profile}
    tokens = {"session": bearer(grant)["Authorization"], "member": _bearer(choice)["Authorization"]}
    tokens["media"] = f"Bearer {grant['media']['token']}"
    ids |= {"person_id": person_id, "slug": "first"}
    return ids | {"cursor": cursor, "kid": first.keys[0].kid, "device_id": f"{int(device) + 1}"} | tokens


def _bearer(member: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {member['access_token']}"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=label)
@given(data())
@examples
def test_what_is_allowed_is_not_refused(operation: Any, address: str, known: dict[str, str], data: DataObject) -> None:
    case = data.draw(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    call(case, address, known)


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.body or any(o.iter_parameters())], ids=label)
@given(data())
@examples
def test_what_is_forbidden_is_refused(operation: Any, address: str, known: dict[str, str], data: DataObject) -> None:
    case = data.draw(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    call(case, address, known)


def call(case: Any, address: str, known: dict[str, str]) -> None:
    """Send a case and check the answer; where it does not mean to be wrong, with ids and a token that exist."""
    wrong = {place for place, part in case.meta.components.items() if part.mode is GenerationMode.NEGATIVE}
    for name, place in PLACES.items():
        values = getattr(case, name)
        if place not in wrong and values:
            values.update({key: known[key] for key in values if key in known})
    if ParameterLocation.HEADER not in wrong:
        wanted = [name for scheme in case.operation.definition.raw.get("security", []) for name in scheme]
        case.headers["Authorization"] = known[(wanted or ["session"])[0]]
    skipped = []
    if ParameterLocation.BODY not in wrong and isinstance(case.body, dict):
        case.body.update({name: known[name] for name in case.body if name in known})
        if "token" in case.body:  # of a link in a message, which none of these is: 410
            skipped = [positive_data_acceptance]
    answer = case.call_and_validate(base_url=address, excluded_checks=skipped)
    raw = case.operation.definition.raw
    sparse = any(parameter["name"] == "fields" for parameter in raw.get("parameters", []))
    if sparse and answer.status_code == 200 and "fields" not in (case.query or {}):  # else some are left out
        MODELS[raw["operationId"]].model_validate_json(answer.content)
