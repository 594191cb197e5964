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
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import DataObject, data
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation

from api.main import create_app
from marquee.embedded.ports import free
from tests.api.conftest import Publish, bearer

OPERATIONS = [found.ok() for found in schemathesis.openapi.from_dict(create_app().openapi()).get_all_operations()]
PLACES = {"path_parameters": ParameterLocation.PATH, "query": ParameterLocation.QUERY}

pytestmark = pytest.mark.slow
label = attrgetter("label")
examples = settings(
    max_examples=40,
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
    """What the server has given out, by the name of the parameter that takes it; `token` opens the session."""
    first, _ = publish("first"), publish("second")
    with httpx.Client(base_url=address) as client:
        cursor = client.get("/v1/titles", params={"limit": 1}).json()["next_cursor"]
        profile = client.post("/v1/profiles", json={"name": "Ada"}).json()["profile_id"]
        wanted = {"title_id": first.title_id}
        grant = client.post("/v1/playback-sessions", json=wanted, headers={"Idempotency-Key": "1"}).json()
    ids = {"title_id": first.title_id, "session_id": grant["session_id"], "profile_id": profile}
    return ids | {"cursor": cursor, "kid": first.keys[0].kid, "token": bearer(grant)["Authorization"]}


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
        case.headers["Authorization"] = known["token"]
    if ParameterLocation.BODY not in wrong and isinstance(case.body, dict) and "title_id" in case.body:
        case.body["title_id"] = known["title_id"]
    case.call_and_validate(base_url=address)
