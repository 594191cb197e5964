"""A real network of edges: one origin nginx per region, two edges, a release of small files in every region."""

import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from marquee.content.edge.nginx import Region, edge_conf, origin_conf
from marquee.content.edge.signing import media_path
from marquee.contracts.edge import Audience, MediaGrant
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import AudioTrackRendition, Release, ReleaseFile, VideoRendition
from marquee.contracts.title import Marks
from marquee.embedded.ports import free
from marquee.tools.nginx import command
from tests.http_servers import HttpServer

KEY, WATERMARK_KEY = "a key for tests", "a watermark's key for tests"
TITLE, RELEASE, SESSION = 101, 202, 303
LADDER = ("h264-720p", "h264-360p")
STANDING_S = 2
PATIENCE_S = 2


@dataclass
class Server:
    """One nginx that can be killed and started again."""

    prefix: Path
    conf: str
    address: str
    key: str = KEY
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def start(self) -> None:
        (self.prefix / "log").mkdir(parents=True, exist_ok=True)
        (self.prefix / "nginx.conf").write_text(self.conf)
        keys = {"MARQUEE_EDGE_KEY": self.key, "MARQUEE_WATERMARK_KEY": WATERMARK_KEY}
        environment = {**os.environ, **(keys if self.key else {})}
        with (self.prefix / "stderr").open("wb") as log:
            self.process = subprocess.Popen(command(self.prefix), env=environment, stderr=log, process_group=0)
        wait_until(lambda: healthy(self.url), why=(self.prefix / "stderr").read_text)

    @property
    def logged(self) -> str:
        """What an edge has logged so far; a path may hold any bytes."""
        return "".join(path.read_text(errors="replace") for path in sorted((self.prefix / "log").iterdir()))

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None


class Api:
    """Answers whether a session may still be served: 204 until told otherwise. `asked` are the sessions asked for."""

    def __init__(self) -> None:
        self.status: dict[str, int] = {}
        self.asked: list[tuple[str, str]] = []  # session, Authorization
        self.connections = 0
        self.wait = threading.Event()
        self.wait.set()
        self.port = free(1)[0]
        self.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                session = self.path.split("/")[3]
                api.asked.append((session, self.headers["Authorization"]))
                api.wait.wait(10)
                self.send_response(api.status.get(session, 204))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Listener(HttpServer):
            def process_request(self, *connection: object) -> None:
                api.connections += 1
                super().process_request(*connection)

        self._server = Listener(Handler, self.port).start()

    def stop(self) -> None:
        self._server.stop()


@dataclass
class EdgeNetwork:
    folder: Path
    release: Release
    api: Api
    regions: dict[str, Server] = field(default_factory=dict)
    edges: dict[str, Server] = field(default_factory=dict)

    def url(self, path: str, *, edge: str = "a", session: int = SESSION, **changes: object) -> str:
        """The address of a file at an edge, with a token; `changes` are made to the grant."""
        audience = Audience.THUMBS if path.startswith("thumbs/") else Audience.MEDIA
        grant = {"audience": audience, "title_id": TITLE, "release_id": RELEASE, "session_id": session}
        full = MediaGrant.model_validate({**grant, "expires": int(time.time()) + 60, **changes})
        signed = media_path(full, path, key=KEY)
        _, _, token, *_ = signed.split("/")
        return f"{self.edges[edge].url}/m/{token}/{TITLE}/{RELEASE}/{path}"

    def get(self, path: str, *, headers: dict[str, str] | None = None, **kwargs: object) -> httpx.Response:
        return httpx.get(self.url(path, **kwargs), headers=headers)

    def add(self, path: str, content: bytes, *regions: str) -> None:
        """Put a new file of the release into some regions (all by default), at another time in each, as copies are."""
        for region in regions or self.regions:
            target = self.folder / "origin" / region / self.release.prefix / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            written = 1_700_000_000 + 60 * list(self.regions).index(region)
            os.utime(target, (written, written))


def wait_until(holds: Callable[[], bool], *, seconds: float = 10, why: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, why()
        time.sleep(0.02)


def healthy(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/healthz").status_code == 200
    return False


def free_address() -> str:
    return f"127.0.0.1:{free(1)[0]}"


def contents() -> dict[str, bytes]:
    """The files of a release with two video renditions, one audio and one subtitle track, three segments each."""
    files = {
        "text/en/en.vtt": b"WEBVTT\n\n" + b"NOTE all is well\n" * 40,
        "thumbs/thumbnails.vtt": b"WEBVTT\n",
        "thumbs/sheet-1.jpg": b"\xff\xd8" + bytes(2000),
        "art/poster.jpg": b"\xff\xd8" + bytes(3000),
    }
    for name in (*(f"video/{rung}" for rung in LADDER), "audio/en-aac-stereo"):
        files[f"{name}/init.mp4"] = name.encode()
        for number in (1, 2, 3):
            files[f"{name}/{number}.m4s"] = (f"{name} {number} ".encode() * 400)[:4000]
    return files


def a_release(files: dict[str, bytes]) -> Release:
    video = {"codec": "avc1.64001f", "width": 1280, "frame_rate": 25, "frames": 300, "kid": None}
    rates = {"bitrate_avg": 1, "bitrate_peak": 1, "vmaf_mean": 95, "vmaf_p5": 90}
    return Release(
        release_id=RELEASE,
        title_id=TITLE,
        slug="a-film",
        plan="0" * 16,
        profile="test",
        scheme=DrmScheme.NONE,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        duration_s=12,
        segment_s=4,
        video=tuple(
            VideoRendition.model_validate({**video, **rates, "name": n, "height": int(n[5:-1])}) for n in LADDER
        ),
        audio=(
            AudioTrackRendition(
                name="en-aac-stereo", codec="mp4a", language="en", role="main", channels=2, bitrate_avg=1, kid=None
            ),
        ),
        text=(),
        marks=Marks(),
        files=tuple(
            ReleaseFile(path=p, sha256=hashlib.sha256(c).hexdigest(), size=len(c)) for p, c in sorted(files.items())
        ),
    )


@pytest.fixture(scope="session")
def release() -> Release:
    return a_release(contents())


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory, release: Release) -> Iterator[EdgeNetwork]:
    folder = tmp_path_factory.mktemp("network")
    network = EdgeNetwork(folder, release, Api())
    for name in ("eu", "us"):
        address = free_address()
        region = Region(name, address, folder / "origin" / name)
        conf = origin_conf((region,), user=user(), workers="1")
        network.regions[name] = Server(folder / f"nginx-{name}", conf, address)
    kept_inside = {"release.json": b"{}", "dash/manifest.mpd": b"<MPD/>", "hls/master.m3u8": b"#EXTM3U\n"}
    for path, content in {**contents(), **kept_inside}.items():
        network.add(path, content)
    for name, order in (("a", ("eu", "us")), ("b", ("us", "eu"))):
        address, prefix = free_address(), folder / f"edge-{name}"
        origins = tuple(network.regions[r].address for r in order)
        conf = edge_conf(
            f"edge-{name}",
            address,
            origins,
            api=network.api.address,
            user=user(),
            log_folder=prefix / "log",
            cache_mb=100,
            standing_s=STANDING_S,
            patience_s=PATIENCE_S,
            workers="1",
        )
        network.edges[name] = Server(prefix, conf, address)
    servers = [*network.regions.values(), *network.edges.values()]
    try:
        for server in servers:
            server.start()
        yield network
    finally:
        for server in servers:
            server.stop()
        network.api.stop()


@pytest.fixture(scope="session")
def until() -> Callable[..., None]:
    return wait_until


@pytest.fixture
def keyless_edge(network: EdgeNetwork, tmp_path: Path) -> Iterator[str]:
    """The URL of an edge that was started without the signing key."""
    address = free_address()
    origins = tuple(r.address for r in network.regions.values())
    api, log = network.api.address, "/dev/null"
    conf = edge_conf("edge-x", address, origins, api=api, user=user(), access_log=log, workers="1")
    server = Server(tmp_path / "edge", conf, address, key="")
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def bucket_edge(network: EdgeNetwork, tmp_path: Path) -> Iterator[str]:
    """The URL of an edge whose origin fetches from an HTTP address: here, from the nginx of a region."""
    origin, edge = free_address(), free_address()
    region = Region("bucket", origin, url=network.regions["us"].url)
    servers = [
        Server(tmp_path / "origin", origin_conf((region,), user=user(), workers="1"), origin),
        Server(
            tmp_path / "edge",
            edge_conf("edge-x", edge, (origin,), api=network.api.address, user=user(), access_log="/dev/null"),
            edge,
        ),
    ]
    for server in servers:
        server.start()
    yield servers[1].url
    for server in servers:
        server.stop()


def user() -> str:
    return "root" if os.geteuid() == 0 else ""
