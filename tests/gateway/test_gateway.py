"""The gateway by itself: what it speaks, what it answers, what it writes down."""

import json
import socket
import ssl
import subprocess
import warnings

import httpx
import pytest

from marquee.embedded.processes import wait_until
from marquee.gateway.nginx import is_local
from tests.gateway.conftest import AIRFLOW, Front

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_pages_and_api_are_served_by_tls(api: Front) -> None:
    with api.client() as client:
        page, answer = client.get("/"), client.get("/livez")
    assert "<title>Marquee</title>" in page.text
    assert answer.json() == {"status": "ok"}
    for each in (page, answer):
        assert each.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert each.headers["Server"] == "nginx"
        assert len(each.headers.get_list("X-Request-Id")) == 1
        assert each.headers["X-Content-Type-Options"] == "nosniff"


def test_it_speaks_http_2(api: Front) -> None:
    context = api.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with api.connect(context=context) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        assert connection.version() == "TLSv1.3"
    argv = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", "--cacert", str(api.authority)]
    said = subprocess.run([*argv, f"https://localhost:{api.port}/"], capture_output=True, text=True, check=True)
    assert said.stdout == "2 200"


def test_weak_tls_is_no_handshake(front: Front) -> None:
    old, weak = front.context(), front.context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    for context in (old, weak):
        with pytest.raises(ssl.SSLError):
            front.connect(context=context)


@pytest.mark.parametrize("name", ["films.example.org", "edge-a.localhost"])
def test_a_name_that_is_not_ours_is_no_handshake(front: Front, name: str) -> None:
    context = front.context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(ssl.SSLError):
        front.connect(name=name, context=context)


def test_a_host_that_is_not_ours_is_misdirected(api: Front) -> None:
    with api.client() as client:
        assert client.get("/", headers={"Host": "films.example.org"}).status_code == 421
        client.get("/", headers={"Host": "localhost:1"})
    assert api.heard
    assert api.heard.last()["host"] == f"localhost:{api.port}"


def test_plain_http_gets_nothing(front: Front) -> None:
    answer = httpx.get(f"http://127.0.0.1:{front.port}/v1/titles")
    assert answer.status_code == 400
    assert "marquee" not in answer.text.lower()


def test_what_is_for_operators_stays_inside(api: Front) -> None:
    with api.client() as client:
        for path in ("/metrics", "//metrics", "/v1/../metrics", "/%6detrics"):
            answer = client.get(httpx.URL(f"https://127.0.0.1:{api.port}", raw_path=path.encode()))
            assert answer.status_code == 404, path
    assert api.heard
    assert api.heard.requests == []


@pytest.mark.parametrize(("path", "size"), [("/v1/sign-in", 16), ("/v1/events", 256), ("/v1/licences/widevine", 64)])
def test_a_body_has_its_limit(api: Front, path: str, size: int) -> None:
    with api.client() as client:
        answer = client.post(path, content=bytes(size * 1024 + 1))
    assert_problem(answer, 413, "too-large", path)
    assert api.heard
    assert api.heard.requests == []


def test_an_api_that_is_away_is_said_to_be(front: Front) -> None:
    with front.client() as client:
        answer = client.get("/v1/titles")
    assert_problem(answer, 503, "unavailable", "/v1/titles")
    assert answer.headers["Retry-After"] == "1"


def test_airflow_has_a_name_of_its_own(front: Front) -> None:
    with front.client(name=AIRFLOW) as client:
        assert client.get("/").status_code == 503  # nothing listens there in these tests
    assert wait_until(lambda: f'"site":"{AIRFLOW}","class":"airflow"' in front.log(), 5)


def test_a_trace_begins_here_or_goes_on(api: Front) -> None:
    assert api.heard
    with api.client() as client:
        begun = client.get("/livez")
        told = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Request-Id": "mine"}
        going_on = client.get("/livez", headers=told)
        broken = client.get("/livez", headers={"traceparent": "00-zz", "X-Request-Id": "mine"})
    assert begun.headers["X-Trace-Id"] == begun.headers["X-Request-Id"]
    assert broken.headers["X-Trace-Id"] == broken.headers["X-Request-Id"] != "mine"
    assert going_on.headers["X-Trace-Id"] == TRACE != going_on.headers["X-Request-Id"]
    assert api.heard.last()["x-request-id"] == broken.headers["X-Request-Id"]
    assert wait_until(lambda: broken.headers["X-Request-Id"] in api.log(), 5)
    entry = next(json.loads(line) for line in api.log().splitlines() if going_on.headers["X-Request-Id"] in line)
    assert (entry["trace_id"], entry["class"], entry["status"]) == (TRACE, "pages", 200)


def test_tokens_and_queries_are_never_written_down(api: Front) -> None:
    secret = "a-secret-that-nobody-reads"
    with api.client() as client:
        client.get("/v1/titles", params={"query": secret, "token": secret})
        client.get("/v1/account", headers={"Authorization": f"Bearer {secret}", "Referer": f"https://x/?{secret}"})
        client.post("/v1/sign-in", content=secret * 1000, headers={"Cookie": f"refresh={secret}"})
        last = client.get(f"/v1/titles?{secret}", headers={"X": secret * 500})  # an error of nginx's own
    assert last.status_code == 400
    assert wait_until(lambda: api.log().count('"class":"sign_in"') >= 1 and '"status":413' in api.log(), 5)
    assert secret not in api.written()


@pytest.mark.parametrize(
    ("names", "local"),
    [
        (["localhost", "airflow.localhost"], True),
        (["127.0.0.1"], True),
        (["films.example.org", "localhost"], False),
        (["notlocalhost"], False),
    ],
)
def test_hsts_is_not_for_names_of_this_machine(names: list[str], local: bool) -> None:
    assert is_local(names) is local


def test_a_small_header_or_body_in_time_is_taken(api: Front) -> None:
    """What the attacks do too slowly works at the usual speed, over several packets."""
    with api.connect() as connection:
        connection.settimeout(10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in (b"GET /livez HT", b"TP/1.1\r\nHost: local", b"host\r\nConnection: close\r\n\r\n"):
            connection.sendall(part)
        assert connection.recv(15) == b"HTTP/1.1 200 OK"


def assert_problem(answer: httpx.Response, status: int, type_: str, path: str) -> None:
    """In the shape of the API's own."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "trace_id", "errors"}
    assert (problem["type"], problem["status"], problem["instance"]) == (f"/problems/{type_}", status, path)
    assert problem["trace_id"] == answer.headers["X-Trace-Id"] == answer.headers["X-Request-Id"]
