"""Stacks of their own: a MARQUEE_HOME in a temporary folder, on free ports."""

import os
import socket
from collections.abc import Callable, Iterator
from itertools import count
from tempfile import TemporaryDirectory

import pytest

from marquee.embedded import commands, processes
from marquee.settings import Settings

PORTS = ("postgres", "airflow", "api", "origin", "edge_a", "edge_b", "airflow_logs", "mlflow")
SMALL = ("postgres", "origin", "edge-a", "edge-b")


def free_ports(count: int) -> list[int]:
    socks = [socket.socket() for _ in range(count)]
    try:
        for sock in socks:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in socks]
    finally:
        for sock in socks:
            sock.close()


@pytest.fixture(scope="module")
def make_settings() -> Iterator[Callable[..., Settings]]:
    """Settings with a home of their own; values by name replace the default ones.

    Not below pytest's folder, which every starting pytest closes to other accounts: the database's has to pass.
    """
    with TemporaryDirectory(prefix="marquee-test-") as folder:
        homes = count()

        def make(**values: object) -> Settings:
            ports = {f"port_{name}": port for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
            home = f"{folder}/home with spaces {next(homes)}"
            return Settings(_env_file=None, **{"home": home, "edge_cache_mb": 64, **ports, **values})

        yield make


@pytest.fixture(scope="module")
def small_stack(make_settings: Callable[..., Settings]) -> Iterator[Settings]:
    """A database and the three nginx, up; brought back up by tests that break it, down at the end."""
    s = make_settings()
    os.environ["MARQUEE_HOME"] = str(s.home)
    try:
        bring_up(s)
        yield s
    finally:
        commands.down(s, say=str)
        del os.environ["MARQUEE_HOME"]
        assert not processes.of_stack(str(s.home), None)


def bring_up(s: Settings) -> list[str]:
    """Up without the catalogue's migration; what was said."""
    said: list[str] = []
    commands.up(s, said.append, migrate=lambda: None, only=SMALL)
    return said


@pytest.fixture(scope="session")
def up_again() -> Callable[[Settings], list[str]]:
    return bring_up
