"""Attacks at a real edge: tokens taken apart, paths that lead elsewhere, spoilt caches, clients slow on purpose."""

import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from marquee.contracts.edge import Audience
from tests.content.edge.conftest import PATIENCE_S, EdgeNetwork

SEGMENT = "video/h264-720p/1.m4s"
SECRET = b"kept from viewers"
FIELDS = ("audience", "title_id", "release_id", "session_id", "lines", "network", "expires")
Grant = dict[str, Any]
_numbers = count(5000)


def fresh(network: EdgeNetwork) -> tuple[str, bytes]:
    """A segment that no edge has seen, and what is in it."""
    number = next(_numbers)
    path, content = f"video/h264-720p/{number}.m4s", f"segment {number} ".encode() * 300
    network.add(path, content)
    return path, content


def spoken(edge: str, request: bytes) -> bytes:
    """What an edge answers to bytes that no client library would send."""
    host, port = edge.removeprefix("http://").split(":")
    said = b""
    with socket.create_connection((host, int(port)), 5) as connection, suppress(OSError):
        connection.sendall(request)
        while part := connection.recv(65536):
            said += part
    return said


def asked(edge: str, target: str, *headers: str, method: str = "GET") -> bytes:
    """The answer to a request line, whose target goes out as it stands."""
    lines = [f"{method} {target} HTTP/1.1", "Host: edge", "Connection: close", *headers, "", ""]
    return spoken(edge, "\r\n".join(lines).encode("latin-1"))


def status(answer: bytes) -> int:
    found = re.match(rb"HTTP/1\.1 (\d+)", answer)
    return int(found[1]) if found else 0


class TestTokens:
    """A token opens what it was signed for, whole and unchanged."""

    def test_no_part_of_one_goes_with_another(self, network: EdgeNetwork) -> None:
        """Session, lines, network or time of another token, with our signature and with its own."""
        soon = int(time.time()) + 60
        mine: Grant = {"session": 71, "audience": "thumbs", "lines": 360, "network": "7f0000", "expires": soon}
        theirs: Grant = {"session": 72, "audience": "media", "lines": 720, "network": "", "expires": soon + 3600}
        first, second = (network.url(SEGMENT, **each).split("/m/")[1].split("/")[0] for each in (mine, theirs))
        assert network.get(SEGMENT, **theirs).status_code == 200
        ours, other = first.split("."), second.split(".")
        for place, name in enumerate(FIELDS, start=1):
            if ours[place] == other[place]:
                continue
            for fields, said in ((ours, other), (other, ours)):
                forged = ".".join([*fields[:place], said[place], *fields[place + 1 :]])
                url = network.url(SEGMENT).replace(network.url(SEGMENT).split("/m/")[1].split("/")[0], forged)
                assert httpx.get(url).status_code == 401, name

    def test_an_expiry_is_not_extended(self, network: EdgeNetwork) -> None:
        url = network.url(SEGMENT, expires=int(time.time()) - 1)
        assert httpx.get(url).status_code == 403
        token = url.split("/m/")[1].split("/")[0]
        *before, expires, mac = token.split(".")
        for later in (
            str(int(expires) + 3600),
            expires + "0",
            f"{expires}e9",
            "Infinity",
            "9" * 400,
            "",
            "-1",
            "0x7fffffff",
        ):
            assert httpx.get(url.replace(token, ".".join([*before, later, mac]))).status_code == 401, later

    @pytest.mark.parametrize("audience", sorted(set(Audience) - {Audience.MEDIA, Audience.MARKED, Audience.UNLISTED}))
    def test_one_for_something_else_opens_no_segment(self, network: EdgeNetwork, audience: Audience) -> None:
        assert network.get(SEGMENT, audience=audience).status_code == 403

    @pytest.mark.parametrize(
        "spoilt",
        ["{token}.", ".{token}", "{token}.x", "{token}%00", "{token}%0d%0aX:%20y", "{token};x", "3{token}", "{token}="],
    )
    def test_one_with_something_added_is_none(self, network: EdgeNetwork, spoilt: str) -> None:
        url = network.url(SEGMENT)
        token = url.split("/m/")[1].split("/")[0]
        target = url.removeprefix(network.edges["a"].url).replace(token, spoilt.format(token=token))
        assert status(asked(network.edges["a"].url, target)) in {400, 401, 404}

    def test_that_of_a_session_that_has_ended_opens_nothing_though_its_time_has_not(self, network: EdgeNetwork) -> None:
        network.api.status["73"] = 403
        for edge in network.edges:
            assert network.get(SEGMENT, edge=edge, session=73).status_code == 403

    def test_a_page_elsewhere_has_no_token_of_its_own(self, network: EdgeNetwork) -> None:
        """Hotlinks: where a request comes from opens nothing, and a token bound to a network opens nowhere else."""
        url = f"{network.edges['a'].url}/{network.release.prefix}/{SEGMENT}"
        for origin in ("http://localhost:8000", "https://thief.example"):
            answer = httpx.get(url, headers={"Referer": f"{origin}/watch/1", "Origin": origin})
            assert answer.status_code == 401
        assert network.get(SEGMENT, network="cb0071", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


UP = (
    "..",
    "%2e%2e",
    ".%2e",
    "%252e%252e",
    "..;",
    "..%3b",
    "..%00",
    "%c0%ae%c0%ae",
    "..%5c",
    "....",
    ". .",
    "..%20",
    "%u002e%u002e",
)
SLASHES = ("/", "%2f", "%252f", "//", "/./", "%5c", "\\")


@pytest.fixture(scope="module")
def hidden(network: EdgeNetwork) -> Path:
    """A file beside the release in the origin, as another title's would be, and one that edges do not serve."""
    beside = network.folder / "origin/eu/101/999/video/h264-720p/1.m4s"
    beside.parent.mkdir(parents=True, exist_ok=True)
    beside.write_bytes(SECRET)
    network.add("release.json", SECRET)
    return beside


@pytest.mark.parametrize("up", UP)
def test_no_path_leads_out_of_the_release(network: EdgeNetwork, hidden: Path, up: str) -> None:
    """Encoded, doubled, with a NUL, with `..;`: nothing but what the token names."""
    assert hidden.read_bytes() == SECRET
    edge = network.edges["a"].url
    start = network.url("video/h264-720p/").removeprefix(edge).rstrip("/")
    for slash in SLASHES:
        for target in ("release.json", slash.join(("..", "999", "video", "h264-720p", "1.m4s"))):
            climbed = start + slash + slash.join((up, up)) + slash + target
            answer = asked(edge, climbed)
            assert status(answer) in {400, 401, 403, 404}, climbed
            assert SECRET not in answer, climbed


@pytest.mark.parametrize(
    "ending",
    ["%00", "%00.css", ";.css", "/x.css", "%2fx.css", "/", ".", "%20", "?x/../release.json", "#/release.json", "/.."],
)
def test_what_is_hung_on_a_path_opens_nothing_else(network: EdgeNetwork, hidden: Path, ending: str) -> None:
    """Cache deception: an ending that makes a shared cache take something for a public file."""
    edge = network.edges["a"].url
    target = network.url("release.json").removeprefix(edge) + ending
    answer = asked(edge, target)
    assert hidden.exists()
    assert status(answer) in {400, 401, 403, 404}
    assert SECRET not in answer
    assert b"max-age" not in answer.replace(b"Access-Control-Max-Age", b"")


def by_header(*headers: str) -> Callable[[str, str], bytes]:
    return lambda edge, target: asked(edge, target, *headers)


def by_query(query: str) -> Callable[[str, str], bytes]:
    return lambda edge, target: asked(edge, f"{target}?{query}")


def by_method(method: str, *headers: str) -> Callable[[str, str], bytes]:
    return lambda edge, target: asked(edge, target, *headers, method=method)


POISONS = {
    "another host": by_header("X-Forwarded-Host: thief.example"),
    "an absolute address": lambda edge, target: asked(edge, f"http://thief.example{target}"),
    "another path": by_header("X-Original-URL: /1/2/art/poster.jpg", "X-Rewrite-URL: /1/2/art/poster.jpg"),
    "another method": by_header("X-HTTP-Method-Override: DELETE", "X-Method-Override: HEAD"),
    "another scheme": by_header("X-Forwarded-Proto: http", "X-Forwarded-Port: 1"),
    "a huge header": by_header(f"X-Huge: {'x' * 7000}"),
    "a coding": by_header("Accept-Encoding: gzip, br, x-poison"),
    "an origin": by_header("Origin: https://thief.example"),
    "a condition": by_header('If-None-Match: "x"', "If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT"),
    "another condition": by_header('If-Match: "x"'),
    "a range": by_header("Range: bytes=0-0"),
    "a range at the end": by_header("Range: bytes=-1"),
    "many ranges": by_header("Range: bytes=0-1,5-6,0-1"),
    "a range that is none": by_header("Range: bytes=999999-"),
    "a range with a condition": by_header("Range: bytes=5-9", 'If-Range: "x"'),
    "no cache": by_header("Cache-Control: no-store, no-cache", "Pragma: no-cache"),
    "a query": by_query("cb=1&callback=<script>"),
    "CMCD": by_query("CMCD=sid%3D%22x%22"),
    "a query that names a path": by_query("/../release.json"),
    "HEAD": by_method("HEAD"),
    "OPTIONS": by_method("OPTIONS"),
    "POST": by_method("POST", "Content-Length: 0"),
    "PURGE": by_method("PURGE"),
    "DELETE": by_method("DELETE"),
    "a GET with a body": by_method("GET", "Content-Length: 5", "", "hello"),
}  # fmt: skip


@pytest.mark.parametrize("name", POISONS)
def test_what_one_asks_first_spoils_nothing_for_the_next(network: EdgeNetwork, name: str) -> None:
    """Cache poisoning by header, query, range and method: the next viewer gets the object, whole and as it is."""
    path, content = fresh(network)
    edge = network.edges["a"].url
    first = POISONS[name](edge, network.url(path).removeprefix(edge))
    answer = network.get(path, session=404)
    plain = network.get(SEGMENT)
    assert status(first) > 0
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["Content-Length"] == str(len(content))
    assert "thief" not in str(answer.headers)
    same = {"Cache-Control", "Content-Type", "Access-Control-Allow-Origin", "X-Edge"}
    assert {k: answer.headers[k] for k in same} == {k: plain.headers[k] for k in same}


def test_a_missing_object_is_forgotten_at_once(network: EdgeNetwork, until: Any) -> None:
    """Who asks too early keeps nobody from what is published a moment later."""
    number = next(_numbers)
    path = f"video/h264-720p/{number}.m4s"
    assert network.get(path).status_code == 404
    network.add(path, b"now it is there")
    until(lambda: network.get(path).status_code == 200, seconds=5)


class TestSlowClients:
    """They hold a connection for a moment, and nobody else up."""

    def test_headers_that_never_end(self, network: EdgeNetwork) -> None:
        host, port = network.edges["a"].address.split(":")
        connections = [socket.create_connection((host, int(port)), 5) for _ in range(100)]
        for each in connections:
            each.sendall(b"GET / HTTP/1.1\r\nHost: edge\r\nX-A: ")
        self.assert_others_are_served(network)
        until = time.monotonic() + 3 * PATIENCE_S + 2
        for each in connections:
            each.settimeout(max(0.1, until - time.monotonic()))
            with suppress(ConnectionError):
                while each.recv(4096):
                    pass
            each.close()
        assert time.monotonic() < until

    def test_an_answer_that_nobody_reads(self, network: EdgeNetwork, until: Any) -> None:
        number = next(_numbers)
        path = f"video/h264-720p/{number}.m4s"
        network.add(path, bytes(8 << 20))
        edge = network.edges["a"]
        target = network.url(path, session=74).removeprefix(edge.url)
        host, port = edge.address.split(":")
        connections = []
        for _ in range(5):
            each = socket.socket()
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            each.connect((host, int(port)))
            each.sendall(f"GET {target} HTTP/1.1\r\nHost: edge\r\n\r\n".encode())
            connections.append(each)
        self.assert_others_are_served(network)
        until(lambda: edge.logged.count(f"{number}.m4s") == len(connections), seconds=5 * PATIENCE_S + 5)
        for each in connections:
            each.close()

    def assert_others_are_served(self, network: EdgeNetwork) -> None:
        answer = network.get(SEGMENT)
        assert answer.status_code == 200
        assert answer.elapsed.total_seconds() < PATIENCE_S
