"""The whole embedded stack, Airflow and the API included."""

import os
import signal
import ssl
from pathlib import Path

import httpx
import pytest

from marquee.catalogue.database import migrate
from marquee.embedded import airflow, commands, processes
from marquee.embedded.processes import wait_until
from marquee.embedded.services import services
from marquee.embedded.supervisor import Supervisor

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stack(make_settings):
    s = make_settings(transcode_slots=3, tls=True)
    kept = dict(os.environ)
    os.environ.update({"MARQUEE_HOME": str(s.home), "MARQUEE_PORT_POSTGRES": str(s.port_postgres)})
    os.environ.update({"MARQUEE_TLS": "true", "MARQUEE_PORT_GATEWAY": str(s.port_gateway)})
    try:
        commands.up(s, print, migrate=lambda: migrate(s.database()))
        yield s
    finally:
        leader = Supervisor(s).leader
        commands.down(s, print)
        os.environ.clear()
        os.environ.update(kept)
        assert not processes.of_stack(str(s.home), leader)


def token(s, user):
    login = {"username": user, "password": airflow.passwords(s)[user]}
    return httpx.post(f"http://127.0.0.1:{s.port_airflow}/auth/token", json=login).json()["access_token"]


def ask(s, path, user="admin"):
    headers = {"Authorization": f"Bearer {token(s, user)}"}
    return httpx.get(f"http://127.0.0.1:{s.port_airflow}/api/v2{path}", headers=headers, timeout=30)


def listeners(pids):
    """Addresses on which processes listen, in /proc's hexadecimal: 0100007F is 127.0.0.1."""
    inodes = {str(fd.readlink()) for pid in pids for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()}
    rows = [line.split() for t in ("tcp", "tcp6") for line in Path(f"/proc/net/{t}").read_text().splitlines()[1:]]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes}


def test_every_service_is_healthy(stack):
    def ill() -> list[str]:
        states = Supervisor(stack).states()
        return [x.name for x in services(stack) if not x.healthy(states[x.name].since)]

    assert wait_until(lambda: not ill(), 60), ill()


def test_up_again_is_harmless(stack):
    before = [(x.name, x.pid) for x in commands.status(stack)]
    commands.up(stack, print, migrate=lambda: migrate(stack.database()))
    assert [(x.name, x.pid) for x in commands.status(stack)] == before


def test_everyone_gets_in_and_nobody_without_a_password(stack):
    for user in airflow.USERS:
        assert ask(stack, "/dags", user).status_code == 200
    wrong = {"username": "admin", "password": "admin"}
    assert httpx.post(f"http://127.0.0.1:{stack.port_airflow}/auth/token", json=wrong).status_code == 401


def test_airflow_is_reached_by_its_own_name_past_the_gateway(stack):
    def named(request):
        request.extensions["sni_hostname"] = "airflow.localhost"  # not every resolver knows names below localhost
        request.headers["Host"] = f"airflow.localhost:{stack.port_gateway}"

    trusted = ssl.create_default_context(cafile=stack.authority)
    base, hooks = f"https://127.0.0.1:{stack.port_gateway}", {"request": [named]}
    with httpx.Client(base_url=base, event_hooks=hooks, verify=trusted, timeout=30) as client:
        assert '<div id="root"' in client.get("/").text
        login = {"username": "admin", "password": airflow.passwords(stack)["admin"]}
        shown = {"Authorization": f"Bearer {client.post('/auth/token', json=login).json()['access_token']}"}
        assert client.get("/api/v2/dags", headers=shown).status_code == 200
        for target, status in ((f"{stack.airflow_url}/dags", 307), ("https://films.example.org/dags", 400)):
            assert client.get("/api/v2/auth/login", params={"next": target}).status_code == status  # it knows its name


def test_the_pool_has_the_slots_of_the_settings(stack):
    assert ask(stack, "/pools/transcode").json()["slots"] == 3


def test_nothing_listens_beyond_this_machine(stack):
    pids = processes.of_stack(str(stack.home), Supervisor(stack).leader)
    assert listeners(pids) <= {"0100007F", "0200007F", "0300007F"}


def test_a_killed_scheduler_comes_back_without_its_old_workers(stack):
    before = Supervisor(stack).states()["airflow-scheduler"].pid
    os.kill(before, signal.SIGKILL)

    def back():
        state = Supervisor(stack).states()["airflow-scheduler"]
        healthy = next(x.healthy for x in services(stack) if x.name == "airflow-scheduler")
        return state.pid not in (0, before) and healthy(state.since)

    assert wait_until(back, 120)
    assert [p for p in processes.everything() if p.group == before] == []
