"""A process serves its roles, and nothing else; the gateway knows which role a path belongs to."""

import re
from collections.abc import Iterable
from itertools import chain

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from api.main import create_app
from api.roles import ROUTERS, work
from marquee.gateway.roles import PATHS, REST
from marquee.settings import Role, Settings, settings
from tests.api.conftest import assert_problem


def routes(app: TestClient) -> set[tuple[str, str]]:
    paths = app.get("/openapi.json").json()["paths"]
    return {(method, path) for path, methods in paths.items() for method in methods}


@pytest.fixture
def served(catalogue: None, monkeypatch: pytest.MonkeyPatch, tmp_path):
    """`served(Role.EVENTS, …)`: the operations of an app with these roles."""

    def operations(*roles: Role) -> set[tuple[str, str]]:
        monkeypatch.setenv("MARQUEE_SERVE", ",".join(roles))
        settings.cache_clear()
        with TestClient(create_app(tmp_path / "dist")) as client:
            assert client.get("/livez").status_code == client.get("/readyz").status_code == 200
            return routes(client)

    return operations


def test_roles_share_nothing_but_health_and_make_up_the_whole(served) -> None:
    alone = {role: served(role) for role in Role}
    health = set.intersection(*alone.values())
    assert {path for _, path in health} == {"/livez", "/readyz"}
    own = [operations - health for operations in alone.values()]
    assert sum(map(len, own)) == len(set(chain(*own)))
    assert set(chain(*own)) | health == served(*Role)


def test_what_another_role_serves_is_not_found(catalogue: None, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("MARQUEE_SERVE", "events")
    settings.cache_clear()
    with TestClient(create_app(tmp_path / "dist")) as client:
        for path in ("/v1/titles", "/", "/title/1"):
            assert_problem(client.get(path), 404, "not-found")


def test_all_work_beside_requests_is_somebodys() -> None:
    assert set(work(Role)) == set(chain(*(work([role]) for role in Role)))
    assert len(work(Role)) == len(set(work(Role)))


def role_of(path: str) -> str:
    return next((role for role, pattern in PATHS.items() if re.search(pattern, path)), REST)


def examples(role: Role) -> Iterable[str]:
    return {re.sub(r"\{\w+\}", "7", route.path) for router in ROUTERS[role] for route in router.routes}  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", Role)
def test_the_gateway_sends_each_path_to_its_role(role: Role) -> None:
    assert {path: role_of(path) for path in examples(role)} == dict.fromkeys(examples(role), role.value)


def test_pages_of_the_web_app_come_from_the_catalogue() -> None:
    assert {role_of(path) for path in ("/", "/title/7", "/watch/7", "/assets/app.js")} == {Role.CATALOGUE}


def test_an_unknown_role_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_SERVE", "events,everything")
    with pytest.raises(ValidationError, match="everything"):
        Settings()
