"""The compose file's smallest chain, started by its own words under the runtime that Docker uses, as far as the API."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest

from bench.compose import project
from bench.compose.project import Line, Project
from tests.deploy.conftest import Interpolate

CHAIN = {"postgres": (), "certificates": (), "airflow-init": ("postgres",), "api": ("airflow-init", "certificates")}


def chain(services: dict[str, Any]) -> dict[str, Any]:
    """These services of the file, without the others; of the initial job only the schema."""
    found = {
        name: services[name] | {"depends_on": {other: services[name]["depends_on"][other] for other in others}}
        for name, others in CHAIN.items()
    }
    found["airflow-init"]["command"] = ["marquee", "migrate"]
    return found


@pytest.fixture(scope="module")
def started(interpolate: Interpolate, env: dict[str, str]) -> Iterator[tuple[Project, list[Line]]]:
    if os.geteuid() != 0:
        pytest.skip("namespaces and mounts need root")
    if lacking := project.missing():
        pytest.skip(f"not installed: {', '.join(lacking)}")
    compose = interpolate({**env, "API_WORKERS": "2"})
    with TemporaryDirectory(prefix="marquee-compose-") as folder:
        Path(folder).chmod(0o755)
        with project.running(compose, chain(compose["services"]), Path(folder), patience=3) as running:
            yield running, running.up(print)


def test_each_comes_up_healthy_in_order(started: tuple[Project, list[Line]]) -> None:
    _, lines = started
    assert [line.fault for line in lines] == [""] * len(CHAIN)
    assert [line.restarts for line in lines] == [0] * len(CHAIN)
    assert {line.name: line.user for line in lines} == {
        "postgres": 999, "certificates": 10001, "airflow-init": 10001, "api": 10001
    }  # fmt: skip


def test_a_service_has_no_rights_beyond_its_own_folders(started: tuple[Project, list[Line]]) -> None:
    running, _ = started
    api = running.containers["api"]
    status = api.run("cat", "/proc/self/status", timeout_s=10).stdout
    assert {line.split()[1] for line in status.splitlines() if line.startswith("Cap")} == {"0" * 16}
    assert "NoNewPrivs:\t1" in status
    for path in ("/app/x", "/var/lib/marquee/tls/x", "/etc/x"):
        assert api.run("touch", path, timeout_s=10).returncode != 0, path
    assert api.run("touch", "/var/lib/marquee/events/x", timeout_s=10).returncode == 0


def test_the_api_is_for_who_shows_a_certificate(started: tuple[Project, list[Line]]) -> None:
    running, _ = started
    with pytest.raises(httpx.TransportError):
        httpx.get(f"https://{running.address('api')}:8000/livez", verify=False)  # noqa: S501  it asks for ours


def test_all_end_by_themselves_in_the_opposite_order(started: tuple[Project, list[Line]]) -> None:
    running, _ = started
    said: list[str] = []
    assert running.down(said.append) == []
    assert [line.split()[0] for line in said] == ["api", "postgres"]
    assert [running.containers[name].ended() for name in ("api", "postgres")] == [0, 0]
