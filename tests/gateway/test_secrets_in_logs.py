"""Nothing that logs may not hold is in any: planted words go through real servers, and then all logs are searched."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from marquee.content.drm.licence import b64url
from marquee.content.edge.nginx import Region, edge_conf, origin_conf, shield_conf
from marquee.embedded.log_search.entry import parse
from marquee.embedded.ports import free
from marquee.embedded.processes import wait_until
from marquee.settings import settings
from tests.api.conftest import Publish
from tests.content.edge.conftest import Server, user
from tests.gateway.conftest import PROXY, Front, listens
from tests.households import Viewer, household

ROOT = Path(__file__).resolve().parents[2]
EMAIL, NEWCOMER = "planted.one@mail-7391.example", "planted.two@mail-7391.example"
PASSWORD, WRONG = "planted lantern 7391 over water", "planted kite 7391 over osaka"
NAME, QUERY, TITLE = "Planted-Profile-7391", "planted query 7391", "The Planted Film 7391"
ADDRESS, ADDRESS_6 = "203.0.113.77", "2001:db8:42:7391:aaaa:bbbb:cccc:dddd"
OTHER = "planted-anything-7391"
PLANTED = (EMAIL, NEWCOMER, PASSWORD, WRONG, NAME, QUERY, TITLE, ADDRESS, ADDRESS_6, OTHER, "mail-7391", "7391")
SHAPES = {
    "a JSON Web Token": re.compile(r"eyJ[\w-]{8,}\.[\w-]+"),
    "a media token": re.compile(r"\b2\.[a-z]+\.\d+\.\d+\.\d+\.[^/\s\"]*\.\d+\.[\w-]{20,}"),
    "a mail address": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    "an authorisation": re.compile(r"[Bb]earer [\w.-]{8,}"),
}


class Stack:
    """API, gateway, edge, shield and origin, each its own process, and all that they write."""

    def __init__(self, front: Front, folder: Path) -> None:
        self.front, self.folder = front, folder
        self.key = settings().secret("edge_key")
        places = [f"127.0.0.1:{port}" for port in free(3)]
        self.origin_folder = folder / "origin"
        region = Region("eu", places[0], self.origin_folder)
        log = {name: str(folder / f"{name}.access") for name in ("origin", "shield")}
        api, small = f"127.0.0.1:{front.api_port}", {"user": user(), "cache_mb": 100, "workers": "1"}
        self.origin = Server(
            folder / "nginx-origin",
            origin_conf((region,), user=user(), workers="1", access_log=log["origin"]),
            places[0],
        )
        self.shield = Server(
            folder / "nginx-shield",
            shield_conf("shield", places[1], (places[0],), access_log=log["shield"], **small),
            places[1],
            self.key,
        )
        self.edge = Server(
            folder / "nginx-edge",
            edge_conf("edge-s", places[2], (places[1],), api=api, log_folder=folder / "nginx-edge" / "log", **small),
            places[2],
            self.key,
        )

    def start(self) -> None:
        self.api = self._api()
        for server in (self.origin, self.shield, self.edge):
            server.start()

    def _api(self) -> "subprocess.Popen[bytes]":
        argv = [sys.executable, "-m", "uvicorn", "api.main:app", "--port", str(self.front.api_port)]
        argv += ["--no-proxy-headers", "--no-access-log"]
        environment = {**os.environ, "MARQUEE_LOG_JSON": "true"}
        with (self.folder / "api.log").open("wb") as log:
            process = subprocess.Popen(argv, cwd=ROOT, env=environment, stderr=log, stdout=log)
        assert wait_until(lambda: listens(self.front.api_port), 30), (self.folder / "api.log").read_text()
        return process

    def stop(self) -> None:
        self.api.terminate()
        self.api.wait(20)
        for server in (self.edge, self.shield, self.origin):
            server.stop()

    def written(self) -> dict[str, str]:
        """All that they have written down, by who."""
        nginx = {path.parent.name: path.read_text(errors="replace") for path in self.folder.glob("nginx-*/stderr")}
        access = {path.name: path.read_text(errors="replace") for path in self.folder.glob("*.access")}
        logs = {"api": (self.folder / "api.log").read_text(), "edge": self.edge.logged, "gateway": self.front.written()}
        return {**nginx, **access, **logs, "postgres": _postgres_log()}


def _postgres_log() -> str:
    with psycopg.connect(settings().database().replace("+psycopg", "")) as connection:
        row = connection.execute("select current_setting('data_directory')").fetchone()
    assert row
    return Path(row[0]).with_name("postgres.log").read_text(errors="replace")


@pytest.fixture
def stack(front: Front, catalogue: None, tmp_path: Path) -> Iterator[Stack]:
    made = Stack(front, tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def client(front: Front, address: str) -> httpx.Client:
    """Somebody behind the operator's proxy, which tells the address."""
    return front.client(PROXY, headers={"X-Forwarded-For": address})


def an_account(front: Front) -> None:
    """Open one, fail to sign in, sign in, and send what is no request."""
    with client(front, ADDRESS) as web:
        assert web.post("/v1/accounts", json={"email": NEWCOMER, "password": PASSWORD}).status_code == 202
        assert web.post("/v1/accounts", json={"email": f"{OTHER}@", "password": PASSWORD}).status_code == 422
        assert web.post("/v1/sign-in", json={"email": NEWCOMER, "password": WRONG}).status_code == 401
        signed_in = web.post("/v1/sign-in", json={"email": NEWCOMER, "password": PASSWORD, "keep": "body"})
        assert signed_in.status_code == 201
        web.post("/v1/sign-in/refresh", json={"refresh_token": signed_in.json()["refresh_token"]})
        web.post("/v1/accounts/forgotten-password", json={"email": NEWCOMER})
        web.post("/v1/accounts/verification", json={"token": OTHER * 3})
        web.get("/v1/sign-in/provider/callback", params={"code": OTHER, "state": OTHER})
        web.post("/v1/sign-in", content=f'{{"email": "{OTHER}'.encode())
        web.get(f"/m/2.media.1.2.3.4..5.{OTHER}{OTHER}/1/2/video/x/1.m4s")
        web.get("/v1/account", headers={"Authorization": f"Bearer {OTHER}.{OTHER}.x", "Cookie": f"refresh={OTHER}"})


def watching(front: Front, viewer: Viewer, title_id: str, kid: str) -> str:
    """Search, play, report, pay; returns the token with which edges are asked."""
    with client(front, ADDRESS_6) as web:
        web.headers.update(viewer.headers)
        assert web.get("/v1/search", params={"q": QUERY}).status_code in (200, 422)
        web.get("/v1/titles", params={"query": TITLE})
        web.patch(viewer.path(), json={"name": f"{NAME} again"})
        wish = {"title_id": title_id, "capabilities": {"codecs": ["h264"], "drm": ["org.w3.clearkey"]}}
        grant: dict[str, Any] = web.post("/v1/playback-sessions", json=wish, headers={"Idempotency-Key": OTHER}).json()
        session = f"/v1/playback-sessions/{grant['session_id']}"
        held = {"Authorization": f"Bearer {grant['token']}"}
        assert web.post(f"{session}/heartbeat", json={"position_ms": 1000}, headers=held).status_code == 200
        kids = {"kids": [b64url(bytes.fromhex(kid))], "type": "temporary"}
        assert web.post("/v1/licences/clearkey", json=kids, headers=held).status_code == 200
        event = {"session_id": grant["session_id"], "seq": 0, "name": OTHER, "viewer_time_ms": 1, "position_ms": 2}
        web.post("/v1/events", json={"events": [event, {"name": NAME}]})
        web.post("/v1/account/subscription/checkout", json={"plan": OTHER, "promotion_code": OTHER})
        web.get("/v1/account/invoices")
        web.get("/v1/titles%00", params={"query": f"{OTHER}\x00"})
    with client(front, ADDRESS_6) as player:
        named = httpx.URL(grant["manifests"][0]["url"]).raw_path.decode()
        assert "token=2.manifest." in named
        assert player.get(named).status_code not in (401, 403)
        player.get(f"{session}/manifest.mpd", params={"token": OTHER})
    found = re.search(r"/m/([^/\"]+)/", json.dumps(grant))
    assert found, grant
    return found[1]


def at_the_edge(stack: Stack, token: str, published: Any) -> None:
    """A segment, one that is refused, one that is not there, and one that cannot be kept: the cache has no folder."""
    path = f"{published.title_id}/{published.release_id}/video/h264-360p"
    segment = stack.origin_folder / path / "1.m4s"
    segment.parent.mkdir(parents=True)
    segment.write_bytes(bytes(5000))
    (segment.parent / "2.m4s").write_bytes(bytes(5000))
    headers = {"Referer": f"https://site/?token={OTHER}", "User-Agent": OTHER}
    url = f"{stack.edge.url}/m/{token}/{path}"
    got = httpx.get(f"{url}/1.m4s", params={"CMCD": f'nor="..%2Fm%2F{token}%2F2.m4s",sid="x"'}, headers=headers)
    assert got.status_code == 200
    assert httpx.get(f"{stack.edge.url}/m/{token}x/{path}/1.m4s").status_code in (401, 403)
    httpx.get(f"{url}/9.m4s")
    shutil.rmtree(stack.edge.prefix / "cache")
    (stack.edge.prefix / "cache").write_text("in the way")
    with suppress(httpx.HTTPError):
        httpx.get(f"{url}/2.m4s")


def in_the_database() -> None:
    """What PostgreSQL refuses, with the row in question and with a statement that holds a value."""
    with psycopg.connect(settings().database().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("create temporary table planted (email text primary key)")
        for _ in range(2):
            with suppress(psycopg.errors.UniqueViolation):
                connection.execute("insert into planted values (%s)", (EMAIL,))
        with suppress(psycopg.Error):
            connection.execute(f"select no_such_thing from planted where email = '{EMAIL}'")


def test_no_log_holds_a_secret_an_address_or_what_a_member_wrote(stack: Stack, publish: Publish) -> None:
    published = publish(metadata={"texts": {"en": {"title": TITLE, "synopsis": OTHER}}})
    viewer = household(EMAIL, name=NAME)
    an_account(stack.front)
    token = watching(stack.front, viewer, published.title_id, published.keys[0].kid)
    at_the_edge(stack, token, published)
    in_the_database()
    assert wait_until(lambda: "2.m4s" in stack.edge.logged, 5)
    written = stack.written()
    everything = {"api", "gateway", "edge", "postgres", "origin.access", "shield.access"}
    assert everything <= {name for name, text in written.items() if text.strip()}, "somebody has written nothing"
    for name, text in written.items():
        lines = [line for line in text.splitlines() if any(word in line for word in (*PLANTED, token))]
        assert lines == [], name
        for what, shape in SHAPES.items():
            assert not shape.findall(text), (name, what)
    assert '"network":"203.0.113.0/24"' in written["gateway"]
    assert '"network":"2001:0db8:0042::/48"' in written["gateway"]


def test_every_line_has_a_time_a_level_and_a_service_and_one_trace_leads_through_all(
    stack: Stack, publish: Publish
) -> None:
    published = publish()
    trace = "0af7651916cd43dd8448eb211c80319c"
    parent = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    with client(stack.front, ADDRESS) as web:
        web.headers.update(household().headers | parent)
        grant = web.post(
            "/v1/playback-sessions", json={"title_id": published.title_id}, headers={"Idempotency-Key": "k"}
        ).json()
    found = re.search(r"/m/([^/\"]+)/", json.dumps(grant))
    assert found
    path = f"{published.title_id}/{published.release_id}/video/h264-360p/1.m4s"
    (stack.origin_folder / path).parent.mkdir(parents=True)
    (stack.origin_folder / path).write_bytes(bytes(5000))
    assert httpx.get(f"{stack.edge.url}/m/{found[1]}/{path}", headers=parent).status_code == 200
    names = ("gateway", "api", "shield.access", "origin.access")
    assert wait_until(lambda: all(trace in stack.written()[name] for name in names), 5)
    for name in names:
        line = next(line for line in stack.written()[name].splitlines() if trace in line)
        entry = parse(line.encode(), "", 0.0)
        assert entry.at > 1e9
        assert (entry.level, entry.trace_id) == ("info", trace)
        assert entry.service == name.removesuffix(".access")
