"""A real stack, reduced to the database and nginx: it starts, heals, recovers, and leaves nothing behind."""

import os
import signal
import stat
from contextlib import suppress

import httpx
import psycopg
import pytest

from marquee.contracts.errors import Conflict, Unavailable
from marquee.embedded import commands, processes
from marquee.embedded.log_search.query import Query
from marquee.embedded.log_search.search import search
from marquee.embedded.log_search.sources import sources
from marquee.embedded.ports import free
from marquee.embedded.processes import wait_until
from marquee.embedded.services import services
from marquee.embedded.supervisor import Supervisor

SMALL = ("postgres", "origin", "shield", "edge-a", "edge-b")


def running(s):
    return {x.name: x.pid for x in commands.status(s) if x.pid}


def port(s, edge):
    return s.edges[edge].port


def sound(s):
    """Every service of the small stack answers."""
    states = Supervisor(s).states()
    return all(x.healthy(states[x.name].since) for x in services(s) if x.name in SMALL)


def test_up_starts_what_was_asked_and_nothing_else(small_stack):
    assert set(running(small_stack)) == set(SMALL)
    assert sound(small_stack)


def test_an_edge_writes_its_requests_into_its_log(small_stack):
    url = f"http://127.0.0.1:{port(small_stack, 'edge-a')}/1/2/video/h264-360p/1.m4s"
    assert httpx.get(url).status_code == 401
    folder, said = small_stack.edge_log / "edge-a", '"path":"/1/2/video/h264-360p/1.m4s","status":401'
    assert wait_until(lambda: any(said in log.read_text() for log in folder.iterdir()), 5)


def test_up_again_changes_nothing(small_stack, up_again):
    before = running(small_stack)
    up_again(small_stack)
    assert running(small_stack) == before


def test_the_databases_are_there_and_ask_for_the_password(small_stack):
    url = small_stack.database("airflow").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        assert connection.execute("show max_connections").fetchone() == ("200",)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace(small_stack.secret("postgres_password"), "wrong"))


def test_secrets_are_for_the_owner_only(small_stack):
    home = small_stack.home
    secrets = [home / "run", home / "logs", home / "secrets", home / "airflow/passwords.json", *home.glob("run/*.json")]
    assert len(secrets) > 10
    assert [p for p in secrets if stat.S_IMODE(p.stat().st_mode) & 0o077] == []


@pytest.mark.parametrize("name", ["edge-a", "postgres"])
def test_what_is_killed_comes_back(small_stack, name):
    before = running(small_stack)[name]
    os.kill(before, signal.SIGKILL)
    assert wait_until(lambda: running(small_stack).get(name, before) != before, 20)
    # nginx's workers live on, hold the port and answer, until the new life begins
    assert wait_until(lambda: not [p for p in processes.everything() if p.group == before], 20)
    assert wait_until(lambda: sound(small_stack), 20)


def test_a_killed_supervisor_is_replaced(small_stack, up_again):
    before = running(small_stack)
    os.kill(Supervisor(small_stack).leader.pid, signal.SIGKILL)
    assert wait_until(lambda: not running(small_stack), 5)
    said = up_again(small_stack)
    assert any("nobody watched" in line for line in said)
    after = running(small_stack)
    assert set(after) == set(SMALL)
    assert not set(after.values()) & set(before.values())
    assert sound(small_stack)


def test_a_stack_killed_outright_comes_up_again(small_stack, up_again):
    with psycopg.connect(small_stack.database("marquee").replace("+psycopg", "")) as connection:
        connection.execute("create table if not exists kept (x int)")
        connection.execute("insert into kept values (7)")
    for pid in processes.of_stack(str(small_stack.home), Supervisor(small_stack).leader):
        with suppress(ProcessLookupError):  # it went with its parent
            os.kill(pid, signal.SIGKILL)
    up_again(small_stack)
    assert sound(small_stack)
    with psycopg.connect(small_stack.database("marquee").replace("+psycopg", "")) as connection:
        assert connection.execute("select x from kept").fetchone() == (7,)


def test_a_changed_setting_restarts_its_service_alone(small_stack, up_again):
    before = running(small_stack)
    changed = small_stack.model_copy(update={"edge_cache_mb": 65})
    try:
        said = up_again(changed)
        after = running(changed)
        assert {name for name in SMALL if before[name] != after[name]} == {"edge-a", "edge-b"}
        told = {line.split()[0] for line in said if "settings have changed" in line}
        assert told & set(SMALL) == {"edge-a", "edge-b"}
    finally:
        up_again(small_stack)


def test_a_service_that_cannot_start_shows_its_log(small_stack, up_again):
    region = f'{next(iter(small_stack.origins.values()))}"; nonsense'
    broken = small_stack.model_copy(update={"origin_urls": {"eu": region}})
    try:
        with pytest.raises(Unavailable, match=r"(?s)origin did not start.*nonsense"):
            up_again(broken)
    finally:
        up_again(small_stack)


def test_a_taken_port_is_named_with_its_holder_and_its_setting(small_stack, make_settings, up_again):
    other = make_settings(edges={"edge-a": {"port": free(1)[0]}, "edge-b": {"port": port(small_stack, "edge-b")}})
    with pytest.raises(Conflict) as caught:
        up_again(other)
    message = str(caught.value)
    assert f"edge-b needs port {port(small_stack, 'edge-b')}, held by nginx (pid " in message
    assert "set MARQUEE_EDGES" in message
    assert not Supervisor(other).answers()


def test_down_leaves_nothing_and_up_recovers(small_stack, up_again):
    leader = Supervisor(small_stack).leader
    commands.down(small_stack, say=str)
    assert not processes.of_stack(str(small_stack.home), leader)
    assert {x.state for x in commands.status(small_stack)} == {"STOPPED"}
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port(small_stack, 'edge-a')}/healthz")
    commands.down(small_stack, say=str)  # harmless
    up_again(small_stack)
    assert sound(small_stack)


def test_down_ends_what_a_killed_supervisor_left(small_stack, up_again):
    leader = Supervisor(small_stack).leader
    os.kill(leader.pid, signal.SIGKILL)
    commands.down(small_stack, say=str)
    assert not processes.of_stack(str(small_stack.home), leader)
    up_again(small_stack)


def test_every_service_has_a_log_that_can_be_searched(small_stack):
    found = {source.service for source in sources(small_stack)}
    assert {*SMALL, "supervisord"} <= found
    ready = list(search(sources(small_stack, ("postgres",)), Query(text="ready to accept connections")))
    assert ready
    assert {(entry.service, entry.level) for entry in ready} == {("postgres", "info")}
