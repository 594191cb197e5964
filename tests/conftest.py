"""Shared by all tests: clips made by ffmpeg, and the real clips beside the checkout where they are."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest

from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

# Compiling well does not pay for small data, be it Java's code or that of Spark's queries: a quarter of Spark's time.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -Dspark.sql.codegen.wholeStage=false")
SHARED = Path(__file__).resolve().parents[2] / "shared"

MakeClip = Callable[..., Path]

# Each call of httpx alone reads the certificates of the world, 40 ms of work; tests speak with this machine.
httpx._transports.default.create_ssl_context = cache(httpx.create_ssl_context)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """The folder of real clips; tests that need it skip where it is absent."""
    folder = SHARED / "media"
    if not folder.is_dir():
        pytest.skip("the real clips (../shared/media) are not on this machine")
    return folder


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """The address of an empty S3 server. Servers of one process share their buckets, so they are emptied first."""
    from moto.server import ThreadedMotoServer
    from s3fs import S3FileSystem

    S3FileSystem.clear_instance_cache()  # they know the address of an earlier module's server
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    httpx.post(f"{address}/moto-api/reset").raise_for_status()
    yield address
    server.stop()


@pytest.fixture(scope="session")
def make_clip(tmp_path_factory: pytest.TempPathFactory) -> MakeClip:
    """Make a clip with ffmpeg: `make_clip("name.mp4", seconds=8, rate="25", size="640x360", audio=True, extra=[])`.

    The picture is a moving test pattern, the sound a tone at about -23 LUFS. Made once per set of arguments.
    """
    folder = tmp_path_factory.mktemp("clips")

    def make(
        name: str = "clip.mp4",
        *,
        seconds: float = 8,
        rate: str = "25",
        size: str = "640x360",
        audio: bool = True,
        video: str | None = None,
        extra: tuple[str, ...] = (),
    ) -> Path:
        path = folder / f"{abs(hash((seconds, rate, size, audio, video, extra))):x}-{name}"
        if path.exists():
            return path
        source = video or f"testsrc2=size={size}:rate={rate}:duration={seconds}"
        sound = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}:sample_rate=48000,volume=-2dB"]
        argv = [ffmpeg(), "-v", "error", "-f", "lavfi", "-i", source, *(sound if audio else [])]
        argv += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", *(["-c:a", "aac"] if audio else [])]
        run([*argv, *extra, "-y", str(path)], timeout_s=120)
        return path

    return make
