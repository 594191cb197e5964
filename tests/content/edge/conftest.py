"""A real network of edges: one origin nginx per region, two edges, a release of small files in every region."""

import hashlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from marquee.content.edge.nginx import Region, command, edge_conf, origin_conf
from marquee.content.edge.signing import media_path
from marquee.contracts.edge import Audience, MediaGrant
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import AudioTrackRendition, Release, ReleaseFile, VideoRendition
from marquee.contracts.title import Marks
from marquee.embedded.ports import free

KEY = "a key for tests"
TITLE, RELEASE, SESSION = 101, 202, 303
LADDER = ("h264-720p", "h264-360p")


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
        self.prefix.mkdir(exist_ok=True)
        (self.prefix / "nginx.conf").write_text(self.conf)
        environment = {**os.environ, **({"MARQUEE_EDGE_KEY": self.key} if self.key else {})}
        with (self.prefix / "stderr").open("wb") as log:
            self.process = subprocess.Popen(command(self.prefix), env=environment, stderr=log, process_group=0)
        wait_until(lambda: healthy(self.url), why=(self.prefix / "stderr").read_text)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None


@dataclass
class EdgeNetwork:
    folder: Path
    release: Release
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
        return httpx.get(self.url(path, **kwargs), headers=headers)  # type: ignore[arg-type]

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
        "dash/manifest.mpd": b"<MPD>" + b" " * 600 + b"</MPD>",
        "hls/master.m3u8": b"#EXTM3U\n" + b"#\n" * 400,
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
    network = EdgeNetwork(folder, release)
    for name in ("eu", "us"):
        address = free_address()
        region = Region(name, address, folder / "origin" / name)
        conf = origin_conf((region,), user=_user(), manifest_ttl_s=1, workers="1")
        network.regions[name] = Server(folder / f"nginx-{name}", conf, address)
    for path, content in {**contents(), "release.json": b"{}"}.items():
        network.add(path, content)
    for name, order in (("a", ("eu", "us")), ("b", ("us", "eu"))):
        address, prefix = free_address(), folder / f"edge-{name}"
        origins = tuple(network.regions[r].address for r in order)
        conf = edge_conf(
            f"edge-{name}",
            address,
            origins,
            user=_user(),
            access_log=str(prefix / "access.log"),
            cache_mb=100,
            manifest_ttl_s=1,
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


@pytest.fixture(scope="session")
def until() -> Callable[..., None]:
    return wait_until


@pytest.fixture
def keyless_edge(network: EdgeNetwork, tmp_path: Path) -> Iterator[str]:
    """The URL of an edge that was started without the signing key."""
    address = free_address()
    origins = tuple(r.address for r in network.regions.values())
    conf = edge_conf("edge-x", address, origins, user=_user(), access_log="/dev/null", workers="1")
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
        Server(tmp_path / "origin", origin_conf((region,), user=_user(), workers="1"), origin),
        Server(
            tmp_path / "edge",
            edge_conf("edge-x", edge, (origin,), user=_user(), access_log="/dev/null", workers="1"),
            edge,
        ),
    ]
    for server in servers:
        server.start()
    yield servers[1].url
    for server in servers:
        server.stop()


def _user() -> str:
    return "root" if os.geteuid() == 0 else ""
