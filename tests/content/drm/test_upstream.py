"""The way to a licence server: to the addresses that were judged, in bounds, and nowhere else."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from marquee.content.drm import upstream
from marquee.content.drm.upstream import ask, is_public
from marquee.contracts.errors import Forbidden, Unavailable
from marquee.gateway.certificates import Signed, Use, issue, new_authority, now
from tests.http_servers import HttpServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class LicenceServer:
    """Answers as it is told; `asked` are the paths and bodies that came."""

    def __init__(self, identity: Path | None = None) -> None:
        """Over TLS with this certificate and key, where it has one."""
        self.asked: list[tuple[str, bytes]] = []
        self.answer: Answer = lambda handler: reply(handler, 200, b"licence")
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.asked.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                server.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._listener = HttpServer(Handler)
        self._scheme = "https" if identity else "http"
        if identity:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(identity)
            self._listener.socket = context.wrap_socket(self._listener.socket, server_side=True)
        self.port = self._listener.start().server_port

    def url(self, host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}/licence?customer=secret"

    def close(self) -> None:
        self._listener.stop()


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def server() -> Iterator[LicenceServer]:
    made = LicenceServer()
    yield made
    made.close()


def test_bytes_go_there_and_come_back(server: LicenceServer) -> None:
    assert ask(server.url(), b"\x00request", {"X": "y"}, inside=True) == b"licence"
    assert server.asked == [("/licence?customer=secret", b"\x00request")]


INSIDE = ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]  # noqa: S104  nobody listens


@pytest.mark.parametrize("host", INSIDE)
def test_what_leads_inside_reaches_nothing(server: LicenceServer, host: str) -> None:
    with pytest.raises(Unavailable) as refused:
        ask(server.url(host), b"", {})
    assert server.asked == []
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
        "255.255.255.255", "192.0.2.1", "::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "2002:a00:1::",
        "64:ff9b::a00:1", "::",
    ],
)  # fmt: skip
def test_an_address_of_ours_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"]
)
def test_an_address_of_the_open_internet_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("found", [["93.184.216.34", "10.0.0.1"], ["127.0.0.1", "93.184.216.34"]])
def test_one_address_inside_is_enough_to_refuse(found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (each, 80)) for each in found])
    with pytest.raises(Unavailable):
        ask("http://licences.example/", b"", {})


def test_a_name_is_looked_up_once_and_the_judged_address_is_gone_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    reached = []

    def connect(_: Any, host: str, *__: Any) -> None:
        reached.append(host)
        raise httpcore.ConnectError("far away")

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (a, 80)) for a in next(answers)])
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(Unavailable):
        ask("http://licences.example/", b"", {})
    assert reached == ["93.184.216.34"]
    assert next(answers) == ["127.0.0.1"]  # nobody has asked a second time


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Signed, Path]:
    """An operator's own authority, and its certificate as the setting names it."""
    made = new_authority(now())
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    path.write_bytes(made.certificate.public_bytes(Encoding.PEM))
    return made, path


@contextmanager
def over_tls(authority: Signed, name: str, folder: Path) -> Iterator[LicenceServer]:
    """A server whose certificate is for `name`."""
    identity = folder / "server.pem"
    identity.write_bytes(issue(authority, [name], Use.SERVER, now()).pem())
    made = LicenceServer(identity)
    yield made
    made.close()


def test_a_server_that_proves_its_name_to_the_operators_authority_is_asked(
    authority: tuple[Signed, Path], tmp_path: Path
) -> None:
    with over_tls(authority[0], "localhost", tmp_path) as server:
        assert ask(server.url("localhost"), b"request", {}, inside=True, authority=authority[1]) == b"licence"


def test_a_certificate_for_another_name_is_no_proof(authority: tuple[Signed, Path], tmp_path: Path) -> None:
    with over_tls(authority[0], "licences.example", tmp_path) as server:
        with pytest.raises(Unavailable, match="Hostname mismatch"):
            ask(server.url("localhost"), b"request", {}, inside=True, authority=authority[1])
        assert server.asked == []


@pytest.mark.parametrize("known", [True, False], ids=["the operator's own", "the system's"])
def test_a_certificate_of_an_unknown_authority_is_no_proof(
    authority: tuple[Signed, Path], tmp_path: Path, known: bool
) -> None:
    with over_tls(new_authority(now()), "localhost", tmp_path) as server:
        with pytest.raises(Unavailable, match="certificate verify failed"):
            ask(server.url("localhost"), b"request", {}, inside=True, authority=authority[1] if known else None)
        assert server.asked == []


def test_an_authority_that_cannot_be_read_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="authority cannot be read"):
        ask("https://licences.example/", b"", {}, authority=tmp_path / "none.pem")


def test_a_redirect_is_not_followed(server: LicenceServer) -> None:
    server.answer = lambda handler: reply(handler, 307, Location="/elsewhere")
    with pytest.raises(Unavailable, match="307"):
        ask(server.url(), b"", {}, inside=True)
    assert [path for path, _ in server.asked] == ["/licence?customer=secret"]


@pytest.mark.parametrize(
    ("status", "error"), [(403, Forbidden), (401, Forbidden), (500, Unavailable), (404, Unavailable)]
)
def test_refusals_and_trouble_are_told_apart(server: LicenceServer, status: int, error: type[Exception]) -> None:
    server.answer = lambda handler: reply(handler, status, b"why")
    with pytest.raises(error):
        ask(server.url(), b"", {}, inside=True)


def test_an_endless_answer_is_cut(server: LicenceServer) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(bytes(65536))

    server.answer = endless
    with pytest.raises(Unavailable, match="more than"):
        ask(server.url(), b"", {}, inside=True)


def test_an_answer_in_drops_is_cut(server: LicenceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "ANSWER_S", 0.5)
    gone = threading.Event()

    def drops(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not gone.wait(0.1):
            handler.wfile.write(b".")
            handler.wfile.flush()

    server.answer = drops
    began = time.monotonic()
    try:
        with pytest.raises(Unavailable, match="longer than"):
            ask(server.url(), b"", {}, inside=True)
    finally:
        gone.set()
    assert time.monotonic() - began < 5


def test_a_server_that_is_away_is_said_to_be(server: LicenceServer) -> None:
    server.close()
    with pytest.raises(Unavailable, match="does not answer"):
        ask(server.url(), b"", {}, inside=True)
