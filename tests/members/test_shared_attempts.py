"""Failed sign-ins counted in a real Valkey: as PostgreSQL counts them, and by PostgreSQL once Valkey is gone."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from marquee.catalogue import attempts
from marquee.catalogue.database import begin
from marquee.contracts.members import Caller
from marquee.members import back_off
from marquee.members.errors import TooManyAttempts
from marquee.settings import settings
from marquee.tools import shared_cache
from tests import valkey
from tests.valkey import Valkey

pytestmark = pytest.mark.usefixtures("catalogue")
ADDRESS = "ada@example.org"


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    with valkey.running(tmp_path) as server:
        monkeypatch.setenv("MARQUEE_CACHE_URL", server.url)
        settings.cache_clear()
        yield server
    shared_cache._cache.cache_clear()


def caller(number: int = 1) -> Caller:
    return Caller(network=f"192.0.2.{number}", name="", country="")


def wait_s(address: str = ADDRESS, number: int = 1) -> float:
    """How long the next try has to wait."""
    try:
        back_off.check(address, caller(number))
    except TooManyAttempts as error:
        return (error.until - datetime.now(UTC)).total_seconds()
    return 0.0


def fail(times: int, number: int = 1, address: str = ADDRESS) -> None:
    for _ in range(times):
        back_off.failed(address, caller(number))


def in_database() -> bool:
    subject = back_off._counts(ADDRESS, caller())[0].subject
    with begin() as session:
        return attempts.blocked_until(session, [subject]) is not None


@pytest.fixture(params=["shared cache", "database"])
def either(request: pytest.FixtureRequest) -> None:
    if request.param == "shared cache":
        request.getfixturevalue("shared")


@pytest.mark.usefixtures("either")
def test_both_count_alike() -> None:
    fail(5)
    assert wait_s() == 0
    waits = []
    for _ in range(4):
        fail(1)
        waits.append(round(wait_s()))
    assert waits == [2, 4, 8, 16]
    assert wait_s(number=2) == wait_s("grace@example.org") == 0
    back_off.succeeded(ADDRESS, caller())
    assert wait_s() == 0


def test_what_is_shared_names_nobody_and_ends_by_itself(shared: Valkey) -> None:
    fail(6)
    assert not in_database()
    client = shared.client()
    keys = client.keys()
    assert len(keys) == 4
    assert not any(b"ada" in key or b"192" in key for key in keys)
    assert all(0 < client.pttl(key) <= back_off.MEMORY.total_seconds() * 1000 for key in keys)


def test_killed_in_the_middle_it_costs_one_wait_and_the_database_goes_on(
    shared: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(6)
    assert wait_s() > 0
    shared.kill()
    began = time.monotonic()
    assert wait_s() == 0  # the database has counted nothing yet
    fail(5)
    assert wait_s() == 0
    fail(1)
    assert wait_s() > 0
    assert in_database()
    assert time.monotonic() - began < 2 * shared_cache.PATIENCE_S + 5
    shared.start()
    assert in_database()  # it is left alone for a while
    assert not shared.client().keys()
    monkeypatch.setattr(shared_cache._cache(shared.url), "_left_alone_until", 0.0)
    fail(6, number=7)
    assert wait_s(number=7) > 0
    assert shared.client().keys()


def test_a_server_that_hangs_is_waited_for_once(shared: Valkey) -> None:
    shared.client().client_pause(30_000)
    waits = []
    for _ in range(3):
        began = time.monotonic()
        shared_cache.asked(lambda cache: cache.ping(), lambda: None)
        waits.append(time.monotonic() - began)
    assert waits[0] >= shared_cache.PATIENCE_S
    assert max(waits[1:]) < shared_cache.PATIENCE_S / 2


def test_without_a_cache_nothing_is_asked_of_one() -> None:
    assert settings().cache_url == ""
    assert shared_cache.asked(lambda cache: cache.ping(), lambda: False) is False
