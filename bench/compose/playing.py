"""A film on its way through the services: delivered, carried by Airflow, played past gateway and edge over TLS."""

import re
import secrets
import shutil
import ssl
import subprocess
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from bench.compose.project import Project, Say
from bench.playback.platform import EMAIL, PASSWORD, a_film
from bench.playback.revocation import BASE, PICTURE
from marquee.content.drm.licence import b64url
from marquee.demo.runs import progress
from marquee.embedded.airflow_api import AirflowApi
from marquee.tools.binaries import ffmpeg

DAG, SLUG, WORKER = "title_pipeline", "compose", "worker-default"
FILM_S, PIPELINE_S, COMMAND_S = 12, 1800, 300
KID = re.compile(r'cenc:default_KID="([0-9a-f-]+)"')
PLACES = {
    8443: ("gateway", "public"),
    8091: ("edge-a", "outside"),
    8092: ("edge-b", "outside"),
}  # who is at a public port


@dataclass(frozen=True)
class Played:
    """What a viewer got: bytes of the first segment, and the frames that its key opens."""

    manifest: str
    edge: str
    bytes: int
    frames: int


class Published(httpx.BaseTransport):
    """Leads public addresses to the services behind them, as published ports do; names and certificates stay public."""

    def __init__(self, hosts: Mapping[int, str], authority: Path) -> None:
        self._hosts = hosts
        self._inner = httpx.HTTPTransport(verify=ssl.create_default_context(cafile=authority))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = request.url.host
        request.url = request.url.copy_with(host=self._hosts[request.url.port or 443])
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def inside(project: Project, service: str, *argv: str) -> str:
    """A command in a service's container. Raises RuntimeError with what it said."""
    done = project.containers[service].run(*argv, timeout_s=COMMAND_S)
    if done.returncode:
        raise RuntimeError(f"{service}: {' '.join(argv[:3])}: {done.stdout}{done.stderr}")
    return done.stdout


def carry(project: Project, environment: Mapping[str, str], folder: Path, say: Say) -> None:
    """Deliver a film and follow Airflow's run until it is published. Raises RuntimeError when it is not."""
    film = a_film(folder / "film.mp4", "640x360", FILM_S)
    shutil.copy(film, project.home.bundle(WORKER) / "rootfs/tmp/film.mp4")
    inside(project, WORKER, "marquee", "deliver", "/tmp/film.mp4", "--title", "Compose", "--slug", SLUG)  # noqa: S108
    url = f"http://{project.address('airflow-apiserver')}:8080"
    with AirflowApi(url, "admin", environment["MARQUEE_AIRFLOW_PASSWORD"]) as airflow:
        run = airflow.trigger(DAG, {"delivery": SLUG, "ladder": "preview"})
        state = _follow(airflow, run, say)
    if state != "success":
        raise RuntimeError(f"the run of {DAG} ended with {state}")


def _follow(airflow: AirflowApi, run: str, say: Say) -> str:
    said, last = "", ""
    for state, tasks in airflow.follow(DAG, run, timeout_s=PIPELINE_S, interval_s=3):
        if any(task["state"] == "awaiting_input" for task in tasks):
            airflow.answer(DAG, run, "approve", "Waive", reason="a test picture")
        if (line := progress(tasks)) != said:
            say(f"    {line}")
            said = line
        last = state
    return last


@contextmanager
def viewer(project: Project) -> Iterator[httpx.Client]:
    """A client of the gateway who trusts the installation's own authority."""
    hosts = {port: project.address(*place) for port, place in PLACES.items()}
    transport = Published(hosts, project.home.volume("tls") / "authority.pem")
    with httpx.Client(base_url="https://localhost:8443", transport=transport, timeout=30) as client:
        yield client


def play(project: Project) -> Played:
    """A new member signs in, opens a session, and decrypts the first segment of the picture."""
    inside(project, WORKER, "marquee", "member", "create", EMAIL, "--password", PASSWORD)
    inside(project, WORKER, "marquee", "member", "plan", EMAIL, "premium")
    with viewer(project) as client:
        headers = _signed_in(client)
        (title,) = _json(client.get("/v1/titles", headers=headers))["items"]
        wish = {"title_id": title["title_id"], "capabilities": {"codecs": ["h264"], "drm": ["org.w3.clearkey"]}}
        asked = client.post(
            "/v1/playback-sessions", json=wish, headers=headers | {"Idempotency-Key": secrets.token_hex(8)}
        )
        return _first_segment(client, _json(asked), project.home.path)


def _signed_in(client: httpx.Client) -> dict[str, str]:
    """The header of the member's chosen profile."""
    login = {"email": EMAIL, "password": PASSWORD, "keep": "body"}
    account = _bearer(_json(client.post("/v1/sign-in", json=login))["access_token"])
    profile = _json(client.post("/v1/profiles", json={"name": "Ada"}, headers=account))["profile_id"]
    return _bearer(_json(client.post(f"/v1/profiles/{profile}/choice", json={}, headers=account))["access_token"])


def _first_segment(client: httpx.Client, grant: Mapping[str, Any], folder: Path) -> Played:
    address = grant["manifests"][0]["url"]
    manifest = client.get(address).raise_for_status().text
    first = urljoin(BASE.findall(manifest)[0], PICTURE.findall(manifest)[0])
    kid = KID.findall(manifest)[0].replace("-", "")
    parts = [client.get(first), client.get(first.replace("init.mp4", "1.m4s"))]
    content = b"".join(part.raise_for_status().content for part in parts)
    key = _key(client, grant, kid)
    edge = f"{parts[1].url.host}:{parts[1].url.port} ({parts[1].headers['X-Cache-Status']})"
    return Played(address.partition("?")[0], edge, len(content), _frames(content, key, folder / "segment.mp4"))


def _key(client: httpx.Client, grant: Mapping[str, Any], kid: str) -> str:
    """The content key in hex, as a ClearKey licence has it (W3C Encrypted Media Extensions, section 9.1.4)."""
    kids = {"kids": [b64url(bytes.fromhex(kid))], "type": "temporary"}
    licence = client.post(grant["drm"]["servers"]["org.w3.clearkey"], json=kids, headers=_bearer(grant["drm"]["token"]))
    key = _json(licence)["keys"][0]["k"]
    return urlsafe_b64decode(f"{key}==").hex()


def _frames(content: bytes, key: str, path: Path) -> int:
    """How many frames a key opens."""
    path.write_bytes(content)
    argv = [ffmpeg(), "-v", "error", "-xerror", "-decryption_key", key, "-progress", "-", "-i", str(path)]
    done = subprocess.run([*argv, "-f", "null", "-"], check=True, capture_output=True, text=True)
    return int(re.findall(r"^frame=(\d+)", done.stdout, re.MULTILINE)[-1])


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _json(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise RuntimeError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:300]}")
    return answer.json()
