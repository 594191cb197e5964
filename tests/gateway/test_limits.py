"""Rate limits: per member and per network, by kind of request; who keeps to them notices nothing of who does not."""

import base64
import itertools
import json
import re
import time
from pathlib import Path

import httpx
import pytest

from api import members
from marquee.embedded.processes import wait_until
from marquee.gateway.limits import CLASSES, Allowance, RouteClass
from tests.gateway.conftest import CONNECTIONS, Front, a_network
from tests.gateway.test_gateway import assert_problem
from tests.households import Viewer, household
from tests.nginx_lua import said_of

BY_NAME = {each.name: each for each in CLASSES}
BROWSE = BY_NAME["browse"].member
assert BROWSE


def flood(client: httpx.Client, path: str, allowance: Allowance, **more: object) -> httpx.Response:
    """Ask until it is refused; not before the allowance is used up, nor long after it."""
    began = time.monotonic()
    for n in range(allowance.burst * 3):
        answer = client.get(path, **more)  # type: ignore[arg-type]
        if answer.status_code == 429:
            most = 1 + allowance.burst + allowance.per_second * (time.monotonic() - began)
            assert allowance.burst <= n <= most + 1
            return answer
    raise AssertionError("never refused")


def test_a_network_that_signs_in_too_often_waits_and_others_do_not(api: Front) -> None:
    with api.client() as client, api.client() as elsewhere:
        refused = flood(client, "/v1/sign-in", BY_NAME["sign_in"].network)
        assert_problem(refused, 429, "too-often", "/v1/sign-in")
        assert elsewhere.get("/v1/sign-in").status_code == 405  # whatever the API says to it
        assert client.get("/livez").status_code == 200  # what is of another kind goes on
        deadline = time.monotonic() + 10 * int(refused.headers["Retry-After"])
        while (answer := client.get("/v1/sign-in")).status_code == 429:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert answer.status_code == 405


def test_a_member_is_counted_over_all_tokens_and_another_at_the_same_network_is_not(api: Front) -> None:
    one, other = household(), household()
    tokens = [one.headers, one.another(name="Second").headers, one.on_another_device().headers]
    with api.client() as client:
        refused = flood_in_turn(client, tokens)
        assert_problem(refused, 429, "too-often", "/v1/plans")
        assert client.get("/v1/plans", headers=other.headers).status_code == 200
        assert client.get("/v1/plans").status_code == 200


def flood_in_turn(client: httpx.Client, tokens: list[dict[str, str]]) -> httpx.Response:
    began = time.monotonic()
    for n in range(BROWSE.burst * 3):
        answer = client.get("/v1/plans", headers=tokens[n % len(tokens)])
        if answer.status_code == 429:
            assert n <= 2 + BROWSE.burst + BROWSE.per_second * (time.monotonic() - began)
            return answer
    raise AssertionError("never refused")


def forged(viewer: Viewer) -> dict[str, str]:
    claims = base64.urlsafe_b64encode(json.dumps({"sub": str(viewer.account_id)}).encode()).decode().rstrip("=")
    return {"Authorization": f"Bearer e30.{claims}.x"}


def test_a_forged_token_uses_up_nobodys_allowance(api: Front) -> None:
    victim = household()
    with api.client() as attacker, api.client() as home:
        flood(attacker, "/v1/plans", BROWSE, headers=forged(victim))
        assert home.get("/v1/plans", headers=victim.headers).status_code == 200


def test_forged_tokens_are_all_of_one_network(front: Front) -> None:
    """Somebody who invents members meets the network's limit; the API is away, so that refusals are quick."""
    with front.client() as client:
        ids = iter(range(10**6))
        allowance = BY_NAME["browse"].network
        for _ in range(allowance.burst * 3):
            claims = base64.urlsafe_b64encode(json.dumps({"sub": str(next(ids))}).encode()).decode().rstrip("=")
            if client.get("/v1/plans", headers={"Authorization": f"Bearer a.{claims}.c"}).status_code == 429:
                break
        else:
            raise AssertionError("never refused")
        assert next(ids) >= allowance.burst


@pytest.mark.parametrize(
    "token", ["a", "a.b", "a.b.c", "e30.bnVsbA.x", "e30.WzFd.x", "a.e30.c", "a." + "A" * 5000 + ".c"]
)
def test_no_token_breaks_the_counting(front: Front, token: str) -> None:
    with front.client() as client:
        assert client.get("/v1/plans", headers={"Authorization": f"Bearer {token}"}).status_code == 503


def test_a_network_has_so_many_connections(api: Front) -> None:
    where = a_network()
    with api.client(where) as one, api.client() as elsewhere:
        held = [api.connect(where) for _ in range(CONNECTIONS + 1)]
        for each in held:
            each.sendall(b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        assert wait_until(lambda: one.get("/livez").status_code == 429, 5)
        assert elsewhere.get("/livez").status_code == 200
        for each in held:
            each.close()


NETWORKS = {  # each with another address of the same network, and one of another
    "203.0.113.9": ("::ffff:203.0.113.9", "203.0.113.10"),
    "2001:db8:7:1::1": ("2001:db8:7:1:2:3:4:5", "2001:db8:7:2::1"),
    "2001:db8::1": ("2001:db8:0:0:1::", "2001:db8:0:1::1"),
    "::1": ("::2", "0:0:0:1::1"),
}


def test_a_network_is_what_it_is_to_the_api(tmp_path: Path) -> None:
    addresses = [each for same, (other, third) in NETWORKS.items() for each in (same, other, third)]
    found = said_of(addresses, 'require("gateway").network()', tmp_path)
    for one, other in itertools.combinations(addresses, 2):
        assert (found[one] == found[other]) == (members.network(one) == members.network(other)), (one, other)
    for one, (same, another) in NETWORKS.items():
        assert found[one] == found[same] != found[another]


def test_every_path_is_of_one_kind() -> None:
    def kind(path: str) -> str:
        return next(each.name for each in CLASSES if each.site == "api" and re.search(each.paths, path))

    found = {
        "/v1/sign-in": "sign_in",
        "/v1/sign-in/refresh": "sign_in",
        "/v1/accounts": "sign_in",
        "/v1/account": "browse",
        "/v1/accounts-of-others": "browse",
        "/v1/licences/clearkey": "licences",
        "/v1/playback-sessions/7/heartbeat": "playback",
        "/v1/events": "playback",
        "/v1/titles": "browse",
        "/v1": "browse",
        "/v10": "pages",
        "/": "pages",
        "/assets/app.js": "pages",
    }
    assert {path: kind(path) for path in found} == found


@pytest.mark.parametrize(("per_second", "times", "minute", "wait"), [(1, 1, 60, 1), (0.5, 1, 30, 2), (1, 0.001, 1, 60)])
def test_rates_are_whole_numbers_in_a_minute(per_second: float, times: float, minute: int, wait: int) -> None:
    allowance = Allowance(per_second, 1)
    assert allowance.per_minute(times) == minute
    assert RouteClass("a", "api", "^/", allowance).retry_after(times) == wait
