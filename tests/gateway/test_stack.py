"""TLS by the one setting, in the production profile: real servers under their supervisor, certificates between them.

Every certificate is replaced while requests are under way.
"""

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from marquee.contracts.plan import DrmScheme
from marquee.embedded import commands, processes
from marquee.embedded.ports import free_for_settings
from marquee.embedded.processes import wait_until
from marquee.gateway import certificate_folder
from marquee.gateway.certificates import Signed, Use, issue, new_authority, now
from marquee.settings import SECRETS, Settings, settings
from marquee.settings.environment import as_environment
from tests.api.conftest import Publish
from tests.households import household

RUN = ("origin", "shield", "edge-a", "edge-b", "api", "gateway")
KEYS = {name: f"{name} of the tests, which is long enough" for name in SECRETS} | {"master_key": "A" * 43 + "="}
SEGMENT, CONTENT = "video/h264-360p/1.m4s", bytes(range(256)) * 32 * 1024  # 8 MiB: more than buffers hold


@pytest.fixture(scope="module")
def stack(postgres_url: str, _migrated: str) -> Iterator[Settings]:
    with TemporaryDirectory(prefix="marquee-test-") as home:
        values = {**free_for_settings(), **KEYS, "home": home, "profile": "production", "tls": True}
        values |= {"database_url": postgres_url, "edge_cache_mb": 64, "gateway_rate": 100}
        values |= {"tls_certificate": the_operators(Path(home)), "tls_key": the_operators(Path(home))}
        s = Settings(_env_file=None, **values)  # type: ignore[arg-type]
        with environment(as_environment(values)):
            try:
                commands.up(s, say=str, migrate=lambda: None, only=RUN)
                yield s
            finally:
                commands.down(s, say=str)
                assert not processes.of_stack(home, None)


def the_operators(home: Path) -> Path:
    """A certificate for all public names that none of our authorities has signed, with its key."""
    path, authority = home / "operator.pem", home / "operators-authority.pem"
    if not authority.exists():
        authority.write_bytes(new_authority(now()).pem())
    signing = Signed.of_pem(authority.read_bytes())
    path.write_bytes(issue(signing, ["localhost", "*.localhost", "127.0.0.1"], Use.SERVER, now()).pem())
    return path


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    kept = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def trusting(s: Settings, shown: Path | None = None) -> ssl.SSLContext:
    """A client's context; `shown` is the certificate, with its key, that it has to show."""
    context = ssl.create_default_context(cafile=s.authority)
    context.load_verify_locations(s.home / "operators-authority.pem")
    if shown:
        context.check_hostname = False
        context.load_cert_chain(shown)
    return context


def at_gateway(s: Settings) -> httpx.Client:
    return httpx.Client(base_url=s.api_url, verify=trusting(s), timeout=30)


def inside(s: Settings, role: str) -> Path:
    return certificate_folder.identity(s.certificates, role, "inside").certificate


def test_the_api_is_for_who_shows_a_certificate(stack: Settings, tmp_path: Path) -> None:
    url = f"https://127.0.0.1:{stack.port_api}/livez"
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(issue(new_authority(now()), ["gateway.marquee.internal"], Use.CLIENT, now()).pem())
    for shown in (inside(stack, "gateway"), inside(stack, "edge")):
        assert httpx.get(url, verify=trusting(stack, shown)).status_code == 200
    ours = Signed.of_pem((stack.certificates / "authority/1.pem").read_bytes())
    public = tmp_path / "public.pem"
    public.write_bytes(issue(ours, ["edge-a.localhost"], Use.SERVER, now()).pem())  # proves a name, and no client
    for refused in (trusting(stack, stranger), trusting(stack, public), trusting(stack, inside(stack, "origin"))):
        with pytest.raises(httpx.TransportError):
            httpx.get(url, verify=refused)
    with pytest.raises(httpx.TransportError):
        httpx.get(url, verify=trusting(stack))
    with pytest.raises(httpx.TransportError):
        httpx.get(url.replace("https", "http"))


def test_origin_and_shield_serve_who_shows_a_certificate(stack: Settings) -> None:
    put(stack, "1/2", SEGMENT)
    for port in (stack.port_origin, stack.port_shield):
        url = f"https://127.0.0.1:{port}/1/2/{SEGMENT}"
        assert httpx.get(url, verify=trusting(stack)).status_code == 403
        assert httpx.get(url, verify=trusting(stack, inside(stack, "edge"))).content == CONTENT
        assert httpx.get(url.replace("https", "http")).status_code == 400


def put(s: Settings, prefix: str, path: str) -> None:
    target = Path(s.origins["eu"].removeprefix("file://")) / prefix / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(CONTENT)


@pytest.fixture
def play(stack: Settings, catalogue: None, publish: Publish, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict]:
    """`play()` gives a playback session of a title whose segment is at the origin."""
    monkeypatch.setenv("MARQUEE_HOME", str(stack.home))
    settings.cache_clear()
    title, viewer = publish(scheme=DrmScheme.NONE), household()
    put(stack, f"{title.title_id}/{title.release_id}", SEGMENT)

    def opened() -> dict:
        headers = viewer.headers | {"Idempotency-Key": str(time.monotonic_ns())}
        with at_gateway(stack) as client:
            answer = client.post("/v1/playback-sessions", json={"title_id": title.title_id}, headers=headers)
        assert answer.status_code == 201, answer.text
        return {**answer.json(), "path": f"{title.title_id}/{title.release_id}/{SEGMENT}"}

    return opened


def segment_of(s: Settings, session: dict) -> str:
    return f"https://127.0.0.1:{s.edges['edge-a'].port}/m/{session['media']['token']}/{session['path']}"


def test_addresses_and_cookies_are_secure(stack: Settings, play: Callable[[], dict]) -> None:
    session = play()
    urls = [each["url"] for each in (*session["manifests"], *session["edges"])]
    assert urls
    assert {url.startswith("https://") for url in urls} == {True}
    assert session["manifests"][0]["url"].startswith(f"{stack.api_url}/v1/")


def test_an_edge_asks_api_and_origin_by_its_certificate(stack: Settings, play: Callable[[], dict]) -> None:
    session, ended = play(), play()
    with at_gateway(stack) as client:
        path, headers = f"/v1/playback-sessions/{ended['session_id']}", {"Authorization": f"Bearer {ended['token']}"}
        assert client.delete(path, headers=headers).status_code == 204
    served = httpx.get(segment_of(stack, session), verify=trusting(stack))
    assert (served.status_code, served.content) == (200, CONTENT)
    assert httpx.get(segment_of(stack, ended), verify=trusting(stack)).status_code == 403


class Crowd:
    """Asks over and over, on new connections and on kept ones; what went wrong is kept."""

    def __init__(self, s: Settings, urls: list[str]) -> None:
        self.wrong: list[str] = []
        self.answers = 0
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(s, url, keep)) for url in urls for keep in (True, False)
        ]

    def _ask(self, s: Settings, url: str, keep: bool) -> None:
        context = trusting(s)
        with httpx.Client(verify=context, timeout=20) as kept:
            while not self._ended.wait(0.05):
                try:
                    status = (kept.get(url) if keep else httpx.get(url, verify=context, timeout=20)).status_code
                except httpx.TransportError as error:
                    status = repr(error)  # type: ignore[assignment]
                self.answers += 1
                if status != 200:
                    self.wrong.append(f"{url[:40]} {status}")

    def __enter__(self) -> "Crowd":
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for each in self._threads:
            each.join()


def test_all_certificates_are_replaced_without_an_outage(stack: Settings, play: Callable[[], dict]) -> None:
    session = play()
    edge, shield = stack.edges["edge-a"].port, stack.port_shield
    ports = (stack.port_gateway, edge, shield, stack.port_origin, stack.port_api)
    before = {port: certificate(stack, port) for port in ports}
    segment, health = segment_of(stack, session), f"{stack.api_url}/livez"
    slowly = httpx.stream("GET", segment, verify=trusting(stack), timeout=60)
    with Crowd(stack, [health, segment]) as crowd, half_asked(stack, session) as finish:
        with slowly as held:
            parts = held.iter_raw(65536)
            read = [next(parts)]
            the_operators(stack.home)
            commands.renew_certificates(stack, say=str, replace=True)
            assert wait_until(lambda: certificate(stack, ports[0]) != before[ports[0]], 15)
            assert finish() == 200  # before the gateway's patience ends
            assert wait_until(lambda: all(certificate(stack, port) != before[port] for port in ports), 120)
            answered = crowd.answers
            assert wait_until(lambda: crowd.answers > answered + 20, 20)  # it goes on with the new ones
            read += parts
        assert b"".join(read) == CONTENT
    assert crowd.wrong == []


def certificate(s: Settings, port: int) -> bytes:
    """What is shown at a port."""
    context = trusting(s, inside(s, "edge"))
    plain = socket.create_connection(("127.0.0.1", port), 5)
    with context.wrap_socket(plain, server_hostname="localhost") as connection:
        found = connection.getpeercert(binary_form=True)
    assert found
    return found


@contextmanager
def half_asked(s: Settings, session: dict) -> Iterator[Callable[[], int]]:
    """A heartbeat of which half is sent; calling it sends the rest, and gives the status of the answer."""
    body = b'{"position_ms": 20000}'
    path, shown = f"/v1/playback-sessions/{session['session_id']}/heartbeat", f"Bearer {session['token']}"
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {shown}\r\nContent-Length: {len(body)}\r\n"
    plain = socket.create_connection(("127.0.0.1", s.port_gateway))
    with trusting(s).wrap_socket(plain, server_hostname="localhost") as connection:
        connection.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + body[:5])

        def finish() -> int:
            connection.sendall(body[5:])
            return int(connection.recv(12).split()[1])

        yield finish
