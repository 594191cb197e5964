"""The real server, over real sockets: from a title to its key."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from marquee.content.drm.licence import b64url
from tests.api.conftest import Publish
from tests.households import household

ROOT = __file__.rpartition("/tests/")[0]


@pytest.fixture
def server(catalogue: None) -> Iterator[tuple[httpx.Client, list[str]]]:
    """A client of the running server, and the lines it writes."""
    argv = [sys.executable, "-m", "uvicorn", "api.main:app", "--port", "0", "--no-access-log"]
    environment = {**os.environ, "MARQUEE_LOG_JSON": "true"}
    process = subprocess.Popen(argv, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    lines: list[str] = []
    for line in process.stderr:
        lines.append(line)
        if "running on" in line:
            break
    address = next(word for word in lines[-1].split() if word.startswith("http://"))
    with httpx.Client(base_url=address, headers=household().headers) as client:
        yield client, lines
    process.terminate()
    lines += process.stderr.readlines()
    assert process.wait(10) in {0, -signal.SIGTERM}  # it ends in good order, then by the signal it was sent
    (request,) = [line for line in lines if "/v1/licences/clearkey" in line]
    assert "trace_id" in request
    assert "Lantern" not in "".join(lines), "a query string was logged"


def test_from_a_title_to_its_key(server: tuple[httpx.Client, list[str]], publish: Publish) -> None:
    client, _ = server
    made = publish()
    (card,) = client.get("/v1/titles", params={"query": "Lantern"}).json()["items"]
    wish = {"title_id": card["title_id"], "capabilities": {"codecs": ["h264"], "drm": ["org.w3.clearkey"]}}
    grant = client.post("/v1/playback-sessions", json=wish, headers={"Idempotency-Key": "one"}).json()
    assert client.get("/livez").status_code == 200
    kids = {"kids": [b64url(bytes.fromhex(made.keys[0].kid))], "type": "temporary"}
    headers = {"Authorization": f"Bearer {grant['drm']['token']}"}
    licence = client.post(grant["drm"]["servers"]["org.w3.clearkey"], json=kids, headers=headers).json()
    assert licence["keys"][0]["k"] == b64url(made.keys[0].reveal())
    session = f"/v1/playback-sessions/{grant['session_id']}"
    assert client.post(f"{session}/heartbeat", json={"position_ms": 30_000}, headers=headers).status_code == 200
    assert client.delete(session, headers=headers).status_code == 204
    assert client.get(f"/v1/titles/{card['title_id']}").json()["resume_ms"] == 30_000
