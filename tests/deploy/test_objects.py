"""From a bucket to the viewer with the compose file's own words: an S3 server, nginx as origin and as edges."""

import json
import os
import shutil
import ssl
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
HEALTH = {
    "origin": "https://127.0.0.1:8083/healthz",
    "shield": "https://127.0.0.1:8095/healthz",
    "edge-a": "https://127.0.0.1:8091/healthz",
    "edge-b": "https://127.0.0.1:8092/healthz",
    "gateway": "https://localhost:8443/gateway",
}
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
        return httpx.get(url, verify=False).status_code == 200  # noqa: S501  its health is asked
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
def nginx(root: Path, home: Path, words: list[str], key: str, health: str) -> Iterator[None]:
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
        wait_for(lambda: answers(health), why=home / "stderr")
        yield
    finally:
        process.terminate()
        process.wait(10)


def certificates(home: str, services: Services, root: Path) -> Path:
    """The folder that the service `certificates` makes, for the user who runs nginx here."""
    service = services["certificates"]
    if USER:
        shutil.chown(home, USER)
    Path(home).chmod(0o755)
    account = ["setpriv", f"--reuid={USER}", "--clear-groups"] if USER else []
    argv = [*account, sys.executable, "-m", "marquee.cli", *service["command"][1:]]
    env = {**os.environ, **{k: str(v) for k, v in service["environment"].items()}, "MARQUEE_HOME": home}
    done = subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return Path(home, "tls")


@pytest.fixture(scope="module")
def servers(storage: dict[str, str], objects: str, services: Services, root: Path) -> Iterator[dict[str, httpx.Client]]:
    """Edges, shield, origin and gateway: from the compose file's commands, with addresses of this machine."""
    inside = ("8081", "8082", "8083", "8091", "8092", "8095", "8443", "8000", "8080")  # on the last two nobody listens
    moved = dict(zip(inside, map(str, free(len(inside))), strict=True))

    def here(word: str) -> str:
        word = (
            word.replace("http://objects:8333", objects)
            .replace("origin:", "127.0.0.1:")
            .replace("shield:", "127.0.0.1:")
            .replace("=api:", "=127.0.0.1:")
            .replace("=airflow-apiserver:", "=127.0.0.1:")
        )
        for inside, outside in moved.items():
            word = word.replace(f"@{inside}=", f"@127.0.0.1:{outside}=").replace(f":{inside}", f":{outside}")
            word = word.replace(f"--listen={inside}", f"--listen=127.0.0.1:{outside}")
        return word

    key = storage["MARQUEE_EDGE_KEY"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        folder.chmod(0o755)
        made = certificates(stack.enter_context(TemporaryDirectory()), services, root)
        for name, asked in HEALTH.items():
            tls = f"{made}/{name.partition('-')[0]}"
            words = [here(word.replace("/var/lib/marquee-edge/tls", tls)) for word in services[name]["command"]]
            stack.enter_context(nginx(root, folder / name, words, key, here(asked)))
        trusted = ssl.create_default_context(cafile=made / "authority.pem")
        yield {
            name: stack.enter_context(httpx.Client(base_url=here(asked).rpartition("/")[0], verify=trusted))
            for name, asked in HEALTH.items()
        }


def put(objects: str, region: str, release: str) -> None:
    for path, content in FILES.items():
        url = f"{objects}/origin-{region}/{release}/{path}"
        httpx.put(url, content=content, headers={"x-amz-acl": "public-read"}).raise_for_status()


def test_a_published_file_comes_from_the_bucket_through_an_edge(
    servers: dict[str, httpx.Client], objects: str, storage: dict[str, str]
) -> None:
    for region in ("eu", "us", "ap"):
        put(objects, region, "101/202")
    grant = MediaGrant(
        audience=Audience.MEDIA, title_id=101, release_id=202, session_id=1, expires=int(time.time()) + 60
    )
    for name in ("edge-a", "edge-b"):
        edge = servers[name]
        assert edge.get("/101/202/art/poster.jpg").content == FILES["art/poster.jpg"]
        for path in ("video/h264-360p/1.m4s", "audio/en-aac-stereo/1.m4s"):
            signed = media_path(grant, path, key=storage["MARQUEE_EDGE_KEY"])
            first, second = edge.get(signed), edge.get(signed)
            assert (first.status_code, first.content) == (200, FILES[path]), name
            assert (first.headers["x-cache-status"], second.headers["x-cache-status"]) == ("MISS", "HIT")
            assert edge.get(f"/m/none/101/202/{path}").status_code == 401


def test_an_edge_asks_the_next_region(servers: dict[str, httpx.Client], objects: str) -> None:
    put(objects, "ap", "101/203")
    for edge in (servers["edge-a"], servers["edge-b"]):
        assert edge.get("/101/203/art/poster.jpg").content == FILES["art/poster.jpg"]


def test_shield_and_origin_open_for_who_shows_a_certificate(servers: dict[str, httpx.Client], objects: str) -> None:
    put(objects, "ap", "101/204")
    assert servers["edge-a"].get("/101/204/art/poster.jpg").status_code == 200
    for name in ("shield", "origin"):
        assert servers[name].get("/101/204/art/poster.jpg").status_code == 403


def test_the_gateway_stands_by_itself(servers: dict[str, httpx.Client]) -> None:
    answer = servers["gateway"].get("/v1/titles")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")  # nothing is behind it here
    assert "Strict-Transport-Security" not in answer.headers  # of localhost
