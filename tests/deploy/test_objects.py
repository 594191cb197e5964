"""From a bucket to the viewer with the compose file's own words: an S3 server, nginx as origin and as edges."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest

from marquee.content.edge.signing import media_path
from marquee.contracts.edge import Audience, MediaGrant
from marquee.embedded.ports import free

Services = dict[str, dict[str, Any]]
USER = "nobody" if os.geteuid() == 0 else ""
FILES = {
    "art/poster.jpg": b"\xff\xd8 poster",
    "video/h264-360p/1.m4s": b"moof" * 500,
    "audio/en-aac-stereo/1.m4s": b"mdat" * 90,
}


def wait_for(holds: Callable[[], bool], *, why: Path, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, why.read_text()
        time.sleep(0.02)


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def objects(s3_server: str) -> str:
    """An S3 server in place of SeaweedFS, whose program does not come with the environment."""
    return s3_server


@pytest.fixture(scope="module")
def storage(objects: str, services: Services, root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a worker, with the buckets made as the service `buckets` makes them."""
    given = services["buckets"]["environment"]
    env = {**os.environ, **{k: str(v) for k, v in given.items()}, "AWS_ENDPOINT_URL_S3": objects}
    env["MARQUEE_HOME"] = str(tmp_path_factory.mktemp("home"))
    for _ in range(2):
        argv = [sys.executable, *services["buckets"]["command"][1:]]
        done = subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    return env


def test_every_store_is_reached_by_the_environment_alone(storage: dict[str, str], root: Path) -> None:
    """fsspec and boto3 take address, path style and account from AWS_*; MLflow's bucket is there too."""
    code = (
        "import json, boto3\n"
        "from marquee.content.pipeline.stores import mezzanine, origins, work\n"
        "from marquee.members.exports import files\n"
        "exports = files.store()\n"
        "exports.write('1-2-3.zip', b'content')\n"
        "assert exports.open('1-2-3.zip').read() == b'content'\n"
        "assert list(files.lying()) == [('1-2-3.zip', files.Making(1, 2, 3))]\n"
        "files.remove(['1-2-3.zip', 'of no attempt'])\n"
        "assert not list(files.lying())\n"
        "for store in (mezzanine(), work(), *origins().values()):\n"
        "    store.write('a/b', b'content')\n"
        "    assert store.read('a/b') == store.fetch('a/b').read_bytes() == b'content'\n"
        "    assert list(store.keys('a')) == ['a/b']\n"
        "    store.delete('a')\n"
        "print(json.dumps(sorted(b['Name'] for b in boto3.client('s3').list_buckets()['Buckets'])))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=storage, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["exports", "mezzanine", "mlflow", "origin-ap", "origin-eu", "origin-us", "work"]


@contextmanager
def nginx(root: Path, home: Path, words: list[str], key: str, health: int) -> Iterator[None]:
    """nginx.py with the words of the compose file and, as in its image, without privileges."""
    home.mkdir()
    if USER:
        shutil.chown(home, USER)
    account = ["setpriv", f"--reuid={USER}", "--clear-groups"] if USER else []
    argv = [*account, sys.executable, str(root / "deploy/docker/nginx.py"), f"--home={home}", *words]
    env = {**os.environ, "MARQUEE_EDGE_KEY": key}
    with (home / "stderr").open("wb") as errors:
        process = subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=errors, process_group=0)
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{health}/healthz"), why=home / "stderr")
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def edges(storage: dict[str, str], objects: str, services: Services, root: Path) -> Iterator[dict[str, str]]:
    """The origin, the shield and both edges from the compose file's commands, with addresses of this machine."""
    inside = ("8081", "8082", "8083", "8091", "8092", "8095", "8000")  # nobody listens on the last, the API's
    moved = dict(zip(inside, map(str, free(len(inside))), strict=True))

    def here(word: str) -> str:
        word = (
            word.replace("http://objects:8333", objects)
            .replace("origin:", "127.0.0.1:")
            .replace("shield:", "127.0.0.1:")
            .replace("=api:", "=127.0.0.1:")
        )
        for inside, outside in moved.items():
            word = word.replace(f"@{inside}=", f"@127.0.0.1:{outside}=").replace(f":{inside}", f":{outside}")
            word = word.replace(f"--listen={inside}", f"--listen=127.0.0.1:{outside}")
        return word

    key = storage["MARQUEE_EDGE_KEY"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        folder.chmod(0o755)
        for name, port in (("origin", "8083"), ("shield", "8095"), ("edge-a", "8091"), ("edge-b", "8092")):
            words = [here(word) for word in services[name]["command"]]
            stack.enter_context(nginx(root, folder / name, words, key, int(moved[port])))
        yield {name: f"http://127.0.0.1:{moved[port]}" for name, port in (("edge-a", "8091"), ("edge-b", "8092"))}


def put(objects: str, region: str, release: str) -> None:
    for path, content in FILES.items():
        url = f"{objects}/origin-{region}/{release}/{path}"
        httpx.put(url, content=content, headers={"x-amz-acl": "public-read"}).raise_for_status()


def test_a_published_file_comes_from_the_bucket_through_an_edge(
    edges: dict[str, str], objects: str, storage: dict[str, str]
) -> None:
    for region in ("eu", "us", "ap"):
        put(objects, region, "101/202")
    grant = MediaGrant(
        audience=Audience.MEDIA, title_id=101, release_id=202, session_id=1, expires=int(time.time()) + 60
    )
    for name, url in edges.items():
        assert httpx.get(f"{url}/101/202/art/poster.jpg").content == FILES["art/poster.jpg"]
        for path in ("video/h264-360p/1.m4s", "audio/en-aac-stereo/1.m4s"):
            signed = media_path(grant, path, key=storage["MARQUEE_EDGE_KEY"])
            first, second = httpx.get(url + signed), httpx.get(url + signed)
            assert (first.status_code, first.content) == (200, FILES[path]), name
            assert (first.headers["x-cache-status"], second.headers["x-cache-status"]) == ("MISS", "HIT")
            assert httpx.get(f"{url}/m/none/101/202/{path}").status_code == 401


def test_an_edge_asks_the_next_region(edges: dict[str, str], objects: str) -> None:
    put(objects, "ap", "101/203")
    for url in edges.values():
        assert httpx.get(f"{url}/101/203/art/poster.jpg").content == FILES["art/poster.jpg"]
