"""Roles of the API as services of their own, behind one gateway."""

from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from marquee.contracts.errors import InvalidInput
from marquee.gateway.roles import PATHS
from tests.gateway.conftest import Front, a_front
from tests.http_servers import HttpServer

ASKED = {
    "/v1/playback-sessions/7/heartbeat": "playback",
    "/v1/events": "events",
    "/v1/account": "rest",
    "/v1/titles": "rest",
    "/": "rest",
}


def answering(name: str, port: int = 0) -> HttpServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(name)))
            self.end_headers()
            self.wfile.write(name.encode())

        def log_message(self, *_: object) -> None:
            return

    return HttpServer(Handler, port).start()


@pytest.fixture
def split(certificates: Path, tmp_path: Path) -> Iterator[tuple[Front, dict[str, HttpServer]]]:
    """A gateway before playback and events as services of their own, and one for the rest."""
    with ExitStack() as stack:
        servers = {name: answering(name) for name in ("playback", "events")}
        apart = {name: f"127.0.0.1:{server.server_port}" for name, server in servers.items()}
        front = a_front(tmp_path / "gateway", certificates, roles=apart)
        rest = answering("rest", front.api_port)
        for server in (rest, *servers.values()):
            stack.callback(server.stop)
        front.nginx.start()
        stack.callback(front.nginx.stop)
        yield front, servers


def test_each_role_gets_its_paths_and_fails_alone(split: tuple[Front, dict[str, HttpServer]]) -> None:
    front, servers = split
    with front.client() as client:
        assert {path: client.get(path).text for path in ASKED} == ASKED
        servers["events"].stop()
        statuses = {path: client.get(path).status_code for path in ASKED}
    assert {path for path, status in statuses.items() if status != 200} == {"/v1/events"}


def test_a_role_that_there_is_not_is_refused(certificates: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such role") as caught:
        a_front(tmp_path, certificates, roles={"everything": "127.0.0.1:1"})
    assert set(PATHS) <= set((caught.value.expected or "").split(", "))
