"""A real gateway before the real API. Who asks comes from an address of their own within 127/8, and is a network so."""

import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from api.main import create_app
from marquee.embedded.ports import free
from marquee.embedded.processes import wait_until
from marquee.gateway import certificate_folder
from marquee.gateway.nginx import Site, gateway_conf
from marquee.settings import settings
from marquee.tools.nginx import command
from tests.api.conftest import publish  # noqa: F401  a fixture
from tests.plugin_browser import serving

NAME, AIRFLOW = "localhost", "airflow.localhost"
PROXY = "127.0.0.2"  # the operator's own, before the gateway
BIG = bytes(range(256)) * 4 * 8192  # 8 MiB, more than all buffers on the way hold
PATIENCE_S, CONNECTIONS = 1, 20
_networks = count(1)


@dataclass
class Nginx:
    """One nginx, told to start, to read its certificates anew, and to end."""

    prefix: Path
    conf: str
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self.prefix.mkdir(parents=True, exist_ok=True)
        (self.prefix / "nginx.conf").write_text(self.conf)
        with (self.prefix / "stderr").open("wb") as log:
            environment = os.environ | self.environment
            self._process = subprocess.Popen(command(self.prefix), env=environment, stderr=log, process_group=0)
        assert wait_until(lambda: listens(self.port), 10), (self.prefix / "stderr").read_text()

    def reload(self) -> None:
        """Returns when new workers have begun: the old ones may go on with what they have."""
        assert self._process
        before = set(self.workers())
        self._process.send_signal(signal.SIGHUP)
        assert wait_until(lambda: bool(set(self.workers()) - before), 10), (self.prefix / "stderr").read_text()

    def workers(self) -> list[int]:
        assert self._process
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)


def listens(port: int) -> bool:
    with socket.socket() as each:
        return each.connect_ex(("127.0.0.1", port)) == 0


def user() -> str:
    return "root" if os.geteuid() == 0 else ""


@dataclass
class Heard:
    """The requests that the API has heard, with all their headers, before it looks at any."""

    app: ASGIApp
    requests: list[tuple[str, str, list[tuple[str, str]]]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]]
            self.requests.append((scope["method"], scope["path"], headers))
        await self.app(scope, receive, send)

    def last(self) -> dict[str, str]:
        """The headers of the last request, each of which came once."""
        _, _, headers = self.requests[-1]
        assert len(dict(headers)) == len(headers)
        return dict(headers)


@dataclass
class Front:
    """The gateway, and what stands behind it."""

    folder: Path
    nginx: Nginx
    authority: Path
    api_port: int
    heard: Heard | None = None

    @property
    def port(self) -> int:
        return self.nginx.port

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authority)

    def client(self, address: str = "", name: str = NAME, **more: Any) -> httpx.Client:
        """A client at an address, or at one where nobody was before."""
        transport = httpx.HTTPTransport(verify=self.context(), local_address=address or a_network())

        def named(request: httpx.Request) -> None:
            """Not every resolver knows names below localhost."""
            request.extensions["sni_hostname"] = name
            if request.headers["Host"] == f"127.0.0.1:{self.port}":
                request.headers["Host"] = f"{name}:{self.port}"

        hooks, base = {"request": [named]}, f"https://127.0.0.1:{self.port}"
        return httpx.Client(base_url=base, transport=transport, event_hooks=hooks, timeout=30, **more)

    def connect(self, address: str = "", name: str = NAME, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        """A connection on which anything can be said."""
        plain = socket.create_connection(("127.0.0.1", self.port), 10, (address or a_network(), 0))
        return (context or self.context()).wrap_socket(plain, server_hostname=name)

    def log(self) -> str:
        return (self.nginx.prefix / "access.log").read_text()

    def written(self) -> str:
        """All that the gateway has written down."""
        return self.log() + (self.nginx.prefix / "stderr").read_text()


def a_network() -> str:
    """An address within 127/8 that nobody has used."""
    number = next(_networks)
    return f"127.10.{number // 250}.{number % 250 + 1}"


MakeFront = Callable[..., Front]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    certificate_folder.ensure(folder, {"gateway": (NAME, AIRFLOW), "edge": ("edge-a.localhost", "127.0.0.1")})
    return folder


@pytest.fixture(scope="module")
def front(certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The gateway; nothing is behind it until `api` is there."""
    made = a_front(tmp_path_factory.mktemp("gateway"), certificates)
    made.nginx.start()
    yield made
    made.nginx.stop()


def a_front(folder: Path, certificates: Path, **more: Any) -> Front:
    port, api_port, airflow_port = free(3)
    site = Site(f"{NAME}:{port}", (NAME,), f"127.0.0.1:{api_port}")
    conf = gateway_conf(
        f"127.0.0.1:{port}",
        **{
            "api": site,
            "airflow": Site(f"{AIRFLOW}:{port}", (AIRFLOW,), f"127.0.0.1:{airflow_port}"),
            "public": certificate_folder.identity(certificates, "gateway"),
            "proxies": (PROXY,),
            "believed": ("X-Country",),
            "patience_s": PATIENCE_S,
            "connections": CONNECTIONS,
            "user": user(),
            "access_log": str(folder / "access.log"),
            "workers": "1",
            **more,
        },
    )
    return Front(folder, Nginx(folder, conf, port), certificates / "authority.pem", api_port)


@pytest.fixture
def api(front: Front, catalogue: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """The gateway with the API behind it, which has a page and a big file of the web app."""
    monkeypatch.setenv("MARQUEE_COUNTRY_HEADER", "X-Country")
    settings.cache_clear()
    with an_api(front.api_port, tmp_path) as heard:
        front.heard = heard
        yield front
    front.heard = None


@contextmanager
def an_api(port: int, folder: Path, **tls: Any) -> Iterator[Heard]:
    dist = folder / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Marquee</title>")
    (dist / "assets" / "big.bin").write_bytes(BIG)
    heard = Heard(create_app(dist))
    with serving(heard, port, **tls):
        yield heard
