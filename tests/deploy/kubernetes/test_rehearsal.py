"""Pods of nginx as their manifests lock them, started under the runtime that Kubernetes uses too."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bench.compose import project
from bench.compose.project import Line, Project
from bench.kubernetes import translated
from bench.kubernetes.overlay import Overlay
from bench.kubernetes.volumes import make
from tests.manifests import Json, pods, rendered

CHAIN: dict[str, tuple[str, ...]] = {"origin": (), "shield": ("origin",)}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with TemporaryDirectory(prefix="marquee-kubernetes-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="module")
def overlay(home: Path) -> Iterator[Overlay]:
    before = dict(os.environ)
    yield Overlay("minimal", home)  # the settings of which make_secrets.py puts into its environment
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def compose(overlay: Overlay) -> Json:
    return translated.compose(overlay)


@pytest.fixture(scope="module")
def started(home: Path, overlay: Overlay, compose: Json) -> Iterator[tuple[Project, list[Line]]]:
    if os.geteuid() != 0:
        pytest.skip("namespaces and mounts need root")
    if lacking := project.missing():
        pytest.skip(f"not installed: {', '.join(lacking)}")
    services = {name: compose["services"][name] | {"depends_on": _named(CHAIN[name])} for name in CHAIN}
    make(home, services, overlay.secrets["tls-authority"]["ca.crt"])
    with project.running(compose, services, home, patience=3) as running:
        yield running, running.up(print)


def _named(names: tuple[str, ...]) -> Json:
    return {name: {} for name in names}


def test_every_pod_of_the_overlay_is_translated(compose: Json) -> None:
    names = {translated.RENAMED.get(pod.name, pod.name) for pod in pods(rendered("minimal"))}
    made = compose["services"]
    assert set(made) == names | {translated.WAITING}
    assert all(each["read_only"] and each["cap_drop"] == ["ALL"] and each["security_opt"] for each in made.values())


def test_they_become_ready_and_their_probes_hold(started: tuple[Project, list[Line]]) -> None:
    running, lines = started
    assert [(line.name, line.fault, line.restarts, line.user) for line in lines] == [
        ("origin", "", 0, 10001), ("shield", "", 0, 10001)
    ]  # fmt: skip
    for name, container in running.containers.items():
        for words in running.services[name]["probes"].values():
            assert container.run(*words, timeout_s=10).returncode == 0, words


def test_they_have_no_rights_beyond_their_own_folders(started: tuple[Project, list[Line]]) -> None:
    running, _ = started
    for each in running.containers.values():
        status = each.run("cat", "/proc/self/status", timeout_s=10).stdout
        assert {line.split()[1] for line in status.splitlines() if line.startswith("Cap")} == {"0" * 16}
        assert "NoNewPrivs:\t1" in status
        for path in ("/x", "/app/x", "/etc/x", "/var/lib/x", "/var/lib/marquee-edge/tls/inside.pem"):
            assert each.run("touch", path, timeout_s=10).returncode != 0, path
        for path in ("/tmp/x", "/var/lib/marquee-edge/x"):  # noqa: S108  within the container
            assert each.run("touch", path, timeout_s=10).returncode == 0, path


def test_they_end_by_themselves(started: tuple[Project, list[Line]]) -> None:
    running, _ = started
    assert running.down(print) == []
    assert {each.ended() for each in running.containers.values()} == {0}
