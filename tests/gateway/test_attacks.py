"""Attacks at the gateway: requests smuggled to the API, headers that lie, clients that are slow on purpose."""

import json
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from marquee.embedded.processes import wait_until
from marquee.gateway.nginx import DROPPED
from marquee.settings import settings
from tests.api.conftest import Publish
from tests.gateway import http2
from tests.gateway.conftest import CONNECTIONS, PATIENCE_S, PROXY, Front, Heard, a_network
from tests.households import household

HOST = b"Host: localhost\r\n"
SMUGGLED = b"GET /v1/smuggled HTTP/1.1\r\n" + HOST + b"X-Request-Id: forged\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def framed(*headers: bytes, body: bytes = b"0\r\n\r\n" + SMUGGLED) -> bytes:
    return b"POST /v1/events HTTP/1.1\r\n" + HOST + b"".join(headers) + b"\r\n" + body


def length(value: bytes) -> bytes:
    return b"Content-Length: " + value + b"\r\n"


BODY = b"0\r\n\r\n" + SMUGGLED
ALL = length(str(len(BODY)).encode())
# Framings on which two servers may disagree: which length counts, what a chunk is, where a header ends (J. Kettle,
# "HTTP Desync Attacks", 2019; RFC 9112, sections 6 and 11). Where the gateway takes the rest for a request, it is the
# client's next one and gets an id of the gateway's; a smuggled one has none, or the one it was forged with.
FRAMINGS = {
    "length and chunks": framed(ALL, CHUNKED),
    "chunks and a short length": framed(CHUNKED, length(b"4"), body=b"5c\r\n" + SMUGGLED + b"\r\n0\r\n\r\n"),
    "two lengths": framed(length(b"5"), ALL),
    "two equal lengths": framed(ALL, ALL),
    "lengths in a list": framed(length(b"5, 5")),
    "a signed length": framed(length(b"+5")),
    "a negative length": framed(length(b"-1")),
    "a hexadecimal length": framed(length(b"0x5")),
    "a length with words": framed(length(b"5 GET")),
    "an unknown coding": framed(ALL, b"Transfer-Encoding: xchunked\r\n"),
    "identity and chunks": framed(ALL, b"Transfer-Encoding: identity, chunked\r\n"),
    "chunks, then another": framed(ALL, CHUNKED, b"Transfer-Encoding: x\r\n"),
    "a space before the colon": framed(ALL, b"Transfer-Encoding : chunked\r\n"),
    "a tab before the value": framed(ALL, b"Transfer-Encoding:\tchunked\r\n"),
    "a vertical tab": framed(ALL, b"Transfer-Encoding: \x0bchunked\r\n"),
    "a folded line": framed(ALL, b"X: y\r\n Transfer-Encoding: chunked\r\n"),
    "a bare line feed": framed(ALL, b"X: y\nTransfer-Encoding: chunked\r\n"),
    "a bare carriage return": framed(ALL, b"X: y\rTransfer-Encoding: chunked\r\n"),
    "a NUL in a name": framed(ALL, b"Transfer\0-Encoding: chunked\r\n"),
    "an underscore for a hyphen": framed(ALL, b"Transfer_Encoding: chunked\r\n"),
    "a chunk with a sign": framed(CHUNKED, body=b"+0\r\n\r\n" + SMUGGLED),
    "a chunk that is too long to count": framed(CHUNKED, body=b"100000000000000000000000\r\n" + SMUGGLED),
    "a chunk extension with a line feed": framed(CHUNKED, body=b"5;\n\r\n{\r\n0\r\n\r\n" + SMUGGLED),
    "a chunk that is longer than it says": framed(CHUNKED, body=b"1\r\n{" + SMUGGLED + b"\r\n0\r\n\r\n"),
    "a trailer that is a request": framed(CHUNKED, body=b"0\r\n" + SMUGGLED),
    "an upgrade": framed(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n", ALL),
    "a hop by hop length": framed(b"Connection: Content-Length\r\n", ALL),
    "a body of a GET": b"GET /v1/titles HTTP/1.1\r\n" + HOST + ALL + b"\r\n" + BODY,
    "a request line with a space": b"GET /v1/titles?x HTTP/1.1 /v1/smuggled HTTP/1.1\r\n" + HOST + b"\r\n",
    "an absolute address": b"GET http://localhost/v1/smuggled?\r\nX: HTTP/1.1\r\n" + HOST + b"\r\n",
    "two hosts": b"GET /v1/titles HTTP/1.1\r\n" + HOST + b"Host: films.example.org\r\n\r\n",
    "no version": b"GET /v1/titles\r\n\r\n",
    "another version": b"GET /v1/titles HTTP/1.2\r\n" + HOST + b"\r\n" + SMUGGLED,
}


@pytest.fixture
def heard(api: Front) -> Heard:
    assert api.heard
    return api.heard


def test_the_api_hears_no_request_that_the_gateway_did_not_send(api: Front, heard: Heard) -> None:
    with api.client() as bystander:
        for name, framing in FRAMINGS.items():
            heard.requests.clear()
            with api.connect() as connection, suppress(OSError):  # the gateway hangs up on most
                connection.settimeout(4)
                connection.sendall(framing)
                read_to_end(connection)
            titles, health = bystander.get("/v1/titles"), bystander.get("/livez")
            assert "items" in titles.json(), name  # nobody gets the answer to another's request
            assert health.json() == {"status": "ok"}, name
            assert not_sent(heard, logged(api, health.headers["X-Request-Id"])) == [], name


def fields(*more: tuple[bytes, bytes], **pseudo: bytes) -> http2.Fields:
    """Those of a request; `pseudo` replaces the pseudo-header fields."""
    usual = {"method": b"POST", "scheme": b"https", "authority": b"localhost", "path": b"/v1/events"} | pseudo
    return [*((b":" + name.encode(), value) for name, value in usual.items()), *more]


WORDS = b" HTTP/1.1\r\nHost: localhost\r\n\r\nGET /v1/smuggled"
# What HTTP/2 can say and HTTP/1 takes for something else: J. Kettle, "HTTP/2: The Sequel is Always Worse", 2021.
DOWNGRADES = {
    "chunks": fields((b"transfer-encoding", b"chunked")),
    "a short length": fields((b"content-length", b"5")),
    "a long length": fields((b"content-length", b"5000")),
    "two lengths": fields((b"content-length", b"5"), (b"content-length", str(len(BODY)).encode())),
    "a line end in a value": fields((b"x", b"y\r\nTransfer-Encoding: chunked")),
    "a line feed in a value": fields((b"x", b"y\nTransfer-Encoding: chunked")),
    "a line end in a name": fields((b"x: y\r\ntransfer-encoding", b"chunked")),
    "a colon in a name": fields((b"transfer-encoding: chunked\r\nx", b"y")),
    "a capital": fields((b"Transfer-Encoding", b"chunked")),
    "a request in the path": fields(path=b"/v1/titles" + WORDS, method=b"GET"),
    "a request in the method": fields(method=b"GET /v1/titles" + WORDS),
    "a line end in the host": fields(authority=b"localhost\r\nTransfer-Encoding: chunked"),
    "another host": fields((b"host", b"films.example.org")),
    "a hop by hop field": fields((b"connection", b"content-length"), (b"upgrade", b"h2c")),
    "a request of its own": fields((b"x-request-id", b"forged"), (b"traceparent", b"00-forged")),
}


def by_http_2(api: Front, sent: http2.Fields, body: bytes) -> list[int]:
    context = api.context()
    context.set_alpn_protocols(["h2"])
    with api.connect(context=context) as connection:
        connection.settimeout(4)
        with suppress(OSError):  # the gateway hangs up, or waits for more
            http2.request(connection, sent, body)
            return http2.answer(connection)
    return []


def test_nothing_is_smuggled_out_of_http_2(api: Front, heard: Heard) -> None:
    assert http2.HEADERS in by_http_2(api, fields(method=b"GET", path=b"/livez"), b"")
    assert [path for _, path, _ in heard.requests] == ["/livez"]
    with api.client() as bystander:
        for name, sent in DOWNGRADES.items():
            heard.requests.clear()
            by_http_2(api, sent, BODY)
            titles, health = bystander.get("/v1/titles"), bystander.get("/livez")
            assert "items" in titles.json(), name
            assert health.json() == {"status": "ok"}, name
            assert not_sent(heard, logged(api, health.headers["X-Request-Id"])) == [], name
            assert "/v1/smuggled" not in {path for _, path, _ in heard.requests}, name


def test_a_smuggled_request_would_be_found(api: Front, heard: Heard) -> None:
    with socket.create_connection(("127.0.0.1", api.api_port)) as past_the_gateway:
        past_the_gateway.sendall(SMUGGLED)
        assert past_the_gateway.recv(12) == b"HTTP/1.1 404"
    assert not_sent(heard, {}) == ["GET /v1/smuggled"]


def not_sent(heard: Heard, entries: dict[str, dict[str, object]]) -> list[str]:
    """What the API has heard and the gateway's log does not know, by its id; or what has two lengths."""
    found = []
    for method, path, headers in heard.requests:
        ids = [value for name, value in headers if name == "x-request-id"]
        lengths = [value for name, value in headers if name in {"content-length", "transfer-encoding"}]
        entry = entries.get(ids[0], {}) if len(ids) == 1 else {}
        if (entry.get("method"), entry.get("path")) != (method, path) or len(lengths) > 1:
            found.append(f"{method} {path}")
    return found


def logged(front: Front, last: str) -> dict[str, dict[str, object]]:
    """The gateway's log by request id, once the last request is in it."""
    assert wait_until(lambda: last in front.log(), 5)
    return {entry["request_id"]: entry for entry in map(json.loads, front.log().splitlines())}


def read_to_end(connection: ssl.SSLSocket) -> bytes:
    """What the other end says until it is silent or hangs up."""
    said = b""
    while part := connection.recv(65536):
        said += part
        if re.search(rb"\r\n\r\n.*(\}|</html>|ok\n)\s*$", said, re.S):
            break
    return said


ENDINGS = (
    "/x.css",
    "/assets/x.js",
    ";x.css",
    "%2fx.css",
    "%3bx.css",
    "%00.css",
    ".css",
    "//x.css",
    "?x.css",
    "/..%2fx.css",
)


def test_nothing_of_a_member_is_called_public_whatever_its_path_ends_in(api: Front) -> None:
    """Cache deception: a shared cache before the gateway keeps what it is told to keep, or what looks like a file."""
    viewer = household("ada@example.org", name="Ada L.")
    own = ("/v1/account", "/v1/profiles", viewer.path("/rows"), viewer.path("/history"))
    with api.client() as client:
        for path in own:
            assert_private(client.get(path, headers=viewer.headers), 200)
            for ending in ENDINGS:
                answer = client.get(path + ending, headers=viewer.headers)
                if answer.status_code == 200:
                    assert ending == "?x.css", path + ending
                assert_private(answer, answer.status_code)
                assert_private(client.get(f"/assets/..%2f..{path}{ending}", headers=viewer.headers))


def assert_private(answer: httpx.Response, status: int | None = None) -> None:
    assert status is None or answer.status_code == status, answer.url
    if status == 200:
        assert answer.headers["Cache-Control"].startswith(("private", "no-store")), answer.url
    else:
        assert "Ada L." not in answer.text, answer.url
        assert "ada@example.org" not in answer.text, answer.url
        assert "public" not in answer.headers.get("Cache-Control", ""), answer.url


def test_a_page_elsewhere_reads_nothing_of_ours(api: Front, publish: Publish) -> None:
    """Hotlinks: a browser gives another site's page neither a session nor a manifest, and so no token."""
    viewer, title = household(), publish().title_id
    thief = {"Origin": "https://thief.example", "Referer": "https://thief.example/"}
    with api.client() as client:
        wish, key = {"title_id": title}, {"Idempotency-Key": "one"}
        opened = client.post("/v1/playback-sessions", json=wish, headers={**viewer.headers, **key, **thief})
        manifest = client.get(httpx.URL(opened.json()["manifests"][0]["url"]).raw_path.decode(), headers=thief)
        preflight = client.options("/v1/playback-sessions", headers={**thief, "Access-Control-Request-Method": "POST"})
    for answer in (opened, manifest, preflight):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")], answer.url
    assert preflight.status_code >= 400


def test_what_a_client_says_of_itself_is_not_passed_on(api: Front, heard: Heard) -> None:
    where, lie = a_network(), "203.0.113.9"
    names = [*DROPPED, "X-Forwarded-For", "X-Forwarded-Proto", "X-Country", "X_Country", "X_Forwarded_For"]
    with api.client(where) as client:
        client.get("/livez", headers={**dict.fromkeys(names, lie), "X-Forwarded-Proto": "http"})
    told = heard.last()
    assert told["x-forwarded-for"] == where
    assert told["x-forwarded-proto"] == "https"
    assert lie not in told.values()


def test_an_address_is_believed_of_the_operators_proxy_alone(api: Front, heard: Heard) -> None:
    where = a_network()
    for address, said, found in (
        (PROXY, "203.0.113.9", "203.0.113.9"),
        (PROXY, "198.51.100.7, 203.0.113.9", "203.0.113.9"),  # the first was said by the client
        (PROXY, f"203.0.113.9, {PROXY}", "203.0.113.9"),
        (PROXY, "nonsense", PROXY),
        (where, "203.0.113.9", where),
        (where, f"203.0.113.9, {PROXY}", where),
    ):
        with api.client(address) as client:
            client.get("/livez", headers={"X-Forwarded-For": said})
        assert heard.last()["x-forwarded-for"] == found, (address, said)


@pytest.mark.parametrize("trusted", [True, False])
def test_a_country_is_believed_of_the_operators_proxy_alone(api: Front, publish: Publish, trusted: bool) -> None:
    texts = {"en": {"title": "For Germany"}}
    publish("for-germany", metadata={"texts": texts, "availability": [{"territories": ["DE"]}]})
    headers = {"X-Country": "DE", "X-Forwarded-For": "203.0.113.9"}
    with api.client(PROXY if trusted else "") as client:
        found = [item["name"] for item in client.get("/v1/titles", headers=headers).json()["items"]]
    assert found == (["For Germany"] if trusted else [])


def test_the_network_in_a_media_token_is_the_one_that_is_seen(
    api: Front, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARQUEE_MEDIA_TOKEN_NETWORK", "true")
    settings.cache_clear()
    where, viewer, title = a_network(), household(), publish().title_id
    lie = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "Idempotency-Key": "one"}
    with api.client(where) as client:
        wish = {"title_id": title}
        grant = client.post("/v1/playback-sessions", json=wish, headers={**viewer.headers, **lie}).json()
    assert grant["media"]["token"].split(".")[6] == bytes(map(int, where.split(".")[:3])).hex()


def test_headers_that_never_end_hold_a_connection_for_a_moment(api: Front, heard: Heard) -> None:
    where = a_network()
    connections = [api.connect(where) for _ in range(3 * CONNECTIONS)]
    for each in connections:
        each.sendall(b"GET /v1/titles HTTP/1.1\r\nHost: localhost\r\nX-A: ")
    began = time.monotonic()
    while time.monotonic() < began + PATIENCE_S / 2:
        assert_others_are_served(api)
    assert closed_within(connections, 3 * PATIENCE_S + 2)
    assert {path for _, path, _ in heard.requests} == {"/livez"}


def test_a_body_that_never_comes_reaches_no_worker(api: Front, heard: Heard) -> None:
    connections = [api.connect() for _ in range(CONNECTIONS)]
    for each in connections:
        each.sendall(b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
    assert_others_are_served(api)
    assert closed_within(connections, 3 * PATIENCE_S + 2)
    assert {path for _, path, _ in heard.requests} == {"/livez"}


@pytest.fixture
def lazy(api: Front) -> Iterator[list[ssl.SSLSocket]]:
    """Connections that have asked for much, of which nothing is read."""
    connections = []
    for _ in range(5):
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        source = (a_network(), 0)
        plain.bind(source)
        plain.connect(("127.0.0.1", api.port))
        each = api.context().wrap_socket(plain, server_hostname="localhost")
        each.sendall(b"GET /assets/big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connections.append(each)
    yield connections
    for each in connections:
        each.close()


def test_an_answer_that_nobody_reads_is_given_up(api: Front, lazy: list[ssl.SSLSocket]) -> None:
    assert_others_are_served(api)
    assert wait_until(lambda: api.log().count('"path":"/assets/big.bin"') == len(lazy), 5 * PATIENCE_S + 5)
    assert_others_are_served(api)


def assert_others_are_served(front: Front) -> None:
    with front.client() as client:
        answer = client.get("/livez")
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() < PATIENCE_S


def closed_within(connections: list[ssl.SSLSocket], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    for each in connections:
        each.settimeout(max(0.1, deadline - time.monotonic()))
        with suppress(ConnectionError, ssl.SSLError):
            while each.recv(4096):
                pass
        each.close()
    return time.monotonic() < deadline
