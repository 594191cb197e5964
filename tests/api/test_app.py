"""What holds for the app as a whole: problems, headers, figures, the description, the web app."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from api import errors
from api.main import create_app
from marquee.catalogue.database import engine
from marquee.contracts.errors import ToolFailed
from marquee.settings import settings
from tests.api.conftest import OpenSession, Publish, assert_problem

HEX = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/nothing"), ("POST", "/v1/nothing"), ("POST", "/nothing"), ("GET", "/nothing.js")]
)
def test_an_unknown_route_is_a_problem(client: TestClient, method: str, path: str) -> None:
    assert_problem(client.request(method, path), 404, "not-found")


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(client: TestClient) -> None:
    answer = client.delete("/v1/titles")
    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/titles?limit=0", "limit"),
        ("/v1/titles?limit=x", "limit"),
        ("/v1/titles?cursor=x", "cursor"),
        ("/v1/titles/abc", "title_id"),
        ("/v1/titles/99999999999999999999", "title_id"),
        ("/v1/titles/9999999999999999999", "title_id"),
        ("/v1/titles/-1", "title_id"),
    ],
)
def test_an_invalid_value_names_its_field(client: TestClient, path: str, field: str) -> None:
    (fault,) = assert_problem(client.get(path), 422, "invalid-input")["errors"]
    assert fault["field"] == field
    assert fault["expected"]
    assert fault["got"]


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "title_id"), ({"title_id": None}, "title_id"), ({"title_id": "1", "x": 1}, "x"), ([], "body")],
)
def test_an_invalid_body_names_its_field(client: TestClient, body: Any, field: str) -> None:
    answer = client.post("/v1/playback-sessions", json=body, headers={"Idempotency-Key": "k"})
    assert [e["field"] for e in assert_problem(answer, 422, "invalid-input")["errors"]] == [field]


SHORT = {"challenge": ""}
REFUSED_PROOFS: list[tuple[str, Any, set[str]]] = [
    ("/v1/account/deletion", {"pasword": "x"}, {"password", "passkey", "pasword"}),
    ("/v1/account/deletion", {"password": 5}, {"password"}),
    ("/v1/account/deletion", {"password": "x", "y": 1}, {"y"}),
    ("/v1/account/deletion", {"passkey": "x"}, {"passkey"}),
    ("/v1/account/deletion", {"passkey": SHORT}, {"passkey.challenge", "passkey.credential"}),
    ("/v1/account/deletion", {}, {"password", "passkey"}),
    ("/v1/account/deletion", [], {"body"}),
    ("/v1/account/address-change", {"email": "x", "password": "x"}, {"email"}),
    (
        "/v1/account/address-change",
        {"email": "x", "passkey": SHORT | {"credential": {}}},
        {"email", "passkey.challenge"},
    ),
]


@pytest.mark.parametrize(("path", "body", "fields"), REFUSED_PROOFS)
def test_a_body_that_may_be_of_two_models_is_refused_by_fields_alone(
    client: TestClient, path: str, body: Any, fields: set[str]
) -> None:
    told = [
        (e["field"], e["expected"])
        for e in assert_problem(client.post(path, json=body), 422, "invalid-input")["errors"]
    ]
    assert {field for field, _ in told} == fields
    assert len(told) == len(set(told))


def test_text_that_cannot_be_stored_or_encoded_is_no_fault_of_ours(client: TestClient) -> None:
    assert_problem(client.get("/v1/titles", params={"query": "a\0b"}), 422, "invalid-input")
    body = b'{"title_id": "\\ud800"}'
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    assert_problem(client.post("/v1/playback-sessions", content=body, headers=headers), 422, "invalid-input")
    assert_problem(client.post("/v1/playback-sessions", content=b"{", headers=headers), 400, "bad-request")


def test_without_the_database_things_are_unavailable(
    catalogue: None, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine().dispose()
    monkeypatch.setenv("MARQUEE_DATABASE_URL", "postgresql://marquee@127.0.0.1:1")
    settings.cache_clear()
    event = {"session_id": "1", "seq": 0, "name": "playing", "viewer_time_ms": 1_800_000_000_000, "position_ms": 0}
    for answer in (
        client.get("/readyz"),
        client.get("/v1/titles"),
        client.post("/v1/events", json={"events": [event]}),
    ):
        assert_problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "5"
        assert "127.0.0.1" not in answer.text
    assert client.get("/readyz").json()["detail"] == "Not ready: database."
    assert client.get("/livez").json() == {"status": "ok"}  # nobody starts it anew for that


@pytest.mark.parametrize("error", [RuntimeError("secret"), ToolFailed("secret", got="secret")])
def test_our_own_faults_tell_nothing_of_the_inside(catalogue: None, tmp_path: Path, error: Exception) -> None:
    app = create_app(tmp_path)

    def fail() -> None:
        raise error

    app.get("/v1/fault")(fail)
    with TestClient(app) as client:
        answer = client.get("/v1/fault")
    assert "secret" not in answer.text
    assert_problem(answer, 500, "internal")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_trace_id_is_taken_over_or_made(client: TestClient) -> None:
    taken = client.get("/livez", headers={"traceparent": f"00-{HEX}-b7ad6b7169203331-01"})
    assert taken.headers["x-trace-id"] == HEX
    made = {client.get("/livez", headers={"traceparent": t}).headers["x-trace-id"] for t in ("", "00-x", "\t")}
    assert len(made) == 3
    assert all(len(i) == 32 for i in made)


def test_every_answer_has_the_security_headers_and_no_other_origin_is_let_in(client: TestClient) -> None:
    for path in ("/livez", "/v1/nothing", "/", "/docs", "/openapi.json"):
        answer = client.get(path, headers={"Origin": "https://elsewhere.example"})
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_figures_are_by_route_template(client: TestClient, publish: Publish) -> None:
    title_id = publish().title_id
    client.get(f"/v1/titles/{title_id}")
    client.get("/v1/nothing")
    client.request("BREW", "/v1/titles")
    figures = client.get("/metrics").text
    assert 'marquee_api_requests_total{method="GET",route="/v1/titles/{title_id}",status="200"} 1.0' in figures
    assert 'marquee_api_requests_total{method="GET",route="unrouted",status="404"} 1.0' in figures
    assert 'method="other"' in figures
    assert "BREW" not in figures
    assert 'marquee_api_request_seconds_bucket{le="0.02",method="GET",route="/v1/titles/{title_id}"}' in figures
    assert title_id not in figures


def test_the_description_validates_and_names_its_problems(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in json.dumps(document)
    operations = [(path, op) for path, methods in document["paths"].items() for op in methods.values()]
    assert len({op["operationId"] for _, op in operations}) == len(operations)
    for path, op in operations:
        failures = {s: r for s, r in op["responses"].items() if s >= "400"}
        assert failures or path == "/livez", path  # which asks nobody and so cannot fail
        assert all(list(r["content"]) == [errors.MEDIA_TYPE] for r in failures.values()), path
        assert op["description"], path


def test_the_reference_needs_no_script_and_no_other_host(client: TestClient) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    for operation in ("/v1/titles/{title_id}", "/v1/licences/clearkey", "/v1/events"):
        assert operation in answer.text
    assert "<script" not in answer.text
    assert "http" not in answer.text.replace("http://json-schema.org", "")


class TestWebApp:
    @pytest.fixture
    def web(self, catalogue: None, tmp_path: Path) -> TestClient:
        (tmp_path / "dist/assets").mkdir(parents=True)
        (tmp_path / "dist/index.html").write_text("<title>the app</title>")
        (tmp_path / "dist/favicon.svg").write_text("<svg/>")
        (tmp_path / "dist/assets/app-1a2b3c.js").write_text("1")
        (tmp_path / "secret.txt").write_text("top secret")
        return TestClient(create_app(tmp_path / "dist"))

    @pytest.mark.parametrize("path", ["/", "/index.html", "/titles/the-lantern", "/search?q=a.b", "/v1x"])
    def test_every_page_is_the_app(self, web: TestClient, path: str) -> None:
        answer = web.get(path)
        assert "the app" in answer.text
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["link"] == f"<{next(iter(settings().edge_urls.values()))}>; rel=preconnect"

    def test_hashed_files_are_kept_for_ever_and_others_asked_for(self, web: TestClient) -> None:
        assert web.get("/assets/app-1a2b3c.js").headers["cache-control"] == "public, max-age=31536000, immutable"
        icon = web.get("/favicon.svg")
        assert icon.headers["cache-control"] == "no-cache"
        assert web.get("/favicon.svg", headers={"If-None-Match": icon.headers["etag"]}).status_code == 304

    @pytest.mark.parametrize("path", ["/assets/gone.js", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"])
    def test_other_files_are_not_there(self, web: TestClient, path: str) -> None:
        assert "top secret" not in web.get(path).text
        assert_problem(web.get(path), 404, "not-found")

    def test_the_policy_lets_media_come_from_the_edges_only(self, web: TestClient) -> None:
        rules = dict(r.split(" ", 1) for r in web.get("/").headers["content-security-policy"].split("; "))
        edges = set(settings().edge_urls.values())
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == "'self'"
        for name in ("media-src", "connect-src", "img-src"):
            assert edges <= set(rules[name].split())

    def test_an_unbuilt_app_says_so(self, client: TestClient) -> None:
        assert "not built" in client.get("/").text


def test_the_licence_address_follows_the_public_name(
    client: TestClient, publish: Publish, open_session: OpenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = publish()
    monkeypatch.setenv("MARQUEE_PUBLIC_API_URL", "https://watch.example")
    settings.cache_clear()
    servers = open_session(made)["drm"]["servers"]
    assert servers == {"org.w3.clearkey": "https://watch.example/v1/licences/clearkey"}
