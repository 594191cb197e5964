"""Servers of one machine end in an order, and with the time, in which nothing is lost."""

from pathlib import Path

import pytest

from marquee.embedded.services import Service, services
from marquee.settings import Settings

ASKS = {  # whom a server asks for what it answers
    "gateway": {"api", "airflow-api-server"},
    "edge-a": {"api", "origin", "shield"},
    "edge-b": {"api", "origin", "shield"},
    "api": {"postgres"},
    "airflow-scheduler": {"postgres"},
    "mlflow": {"postgres"},
}


@pytest.fixture
def table(tmp_path: Path) -> dict[str, Service]:
    found = services(Settings(_env_file=None, home=tmp_path, tls=True, drain_s=2.5))
    return {service.name: service for service in found}


def test_who_asks_ends_before_who_answers(table: dict[str, Service]) -> None:
    late = [(name, other) for name, asked in ASKS.items() for other in asked if table[other].tier >= table[name].tier]
    assert late == []


def test_nginx_finishes_what_it_serves(table: dict[str, Service]) -> None:
    nginx = {name for name, service in table.items() if "nginx" in service.spec.argv[0]}
    assert nginx == {"origin", "shield", "edge-a", "edge-b", "gateway"}
    assert {table[name].stop_signal for name in nginx} == {"QUIT"}


def test_the_api_has_the_time_to_drain_and_to_finish(table: dict[str, Service]) -> None:
    argv = table["api"].spec.argv
    finishing = int(argv[argv.index("--timeout-graceful-shutdown") + 1])
    assert table["api"].patience_s >= 2.5 + finishing + 5  # and work beside requests ends within 5 s
    assert table["api"].stop_signal == "TERM"
