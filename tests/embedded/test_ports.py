"""Ports of a platform of one's own: every setting gets one, all differ, and there is one way to get them."""

import socket
from pathlib import Path

import pytest

from marquee.contracts.errors import Conflict
from marquee.embedded import ports
from marquee.embedded.services import services
from marquee.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_every_port_of_the_settings_gets_one_of_its_own():
    given = ports.free_for_settings()
    edges = given.pop("edges")
    assert set(given) == {name for name in Settings.model_fields if name.startswith("port_")}
    ports_given = [*given.values(), *(edge["port"] for edge in edges.values())]
    assert len(set(ports_given)) == len(given) + len(Settings.model_fields["edges"].default)


def test_every_service_that_listens_is_served(make_settings):
    s = make_settings()
    given = {getattr(s, name) for name in Settings.model_fields if name.startswith("port_")}
    given |= {edge.port for edge in s.edges.values()}
    assert {service.port for service in services(s) if service.port} <= given


def test_a_port_in_use_is_not_given(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(ports, "CANDIDATES", [port])
        with pytest.raises(Conflict, match="1 free ports"):
            ports.free(1)


def test_tests_and_benches_have_no_other_way_to_find_a_port():
    sources = [path for folder in ("tests", "bench") for path in (ROOT / folder).rglob("*.py")]
    own = [path for path in sources if ".bind((" in path.read_text() and path.name != "test_ports.py"]
    assert own == []
