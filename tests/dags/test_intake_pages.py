"""Uploads and imports as Airflow's server gives them, to each role: in a process of its own, which is asked once."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.dags.plugin_process import printed

ROOT = Path(__file__).resolve().parents[2]
FILM = bytes(range(256)) * 40
ASK = """
import base64, json, re, sys
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from marquee_airflow import intake_pages

create_auth_manager()
site = FastAPI()
site.mount("/marquee-intake", intake_pages.app)
client = TestClient(site, follow_redirects=False, base_url="http://desk.example")

def routes():
    for context in intake_pages.app.routes:
        inner = getattr(context, "effective_route_contexts", None)
        for route in inner() if inner else [context]:
            for method in route.methods - {"HEAD"} if len(route.methods) > 1 else route.methods:
                yield method, "/marquee-intake" + re.sub("{[a-z_]+}", "1", route.path)

every = sorted(set(routes()))
strangers = [[method, path, client.request(method, path).status_code] for method, path in every]

def whose(request: Request):
    return SimpleAuthManagerUser(username=request.headers["x-user"], role=request.headers["x-user"])

intake_pages.app.dependency_overrides[get_user] = whose
tus = {"tus-resumable": "1.0.0"}
viewers = [[method, path, client.request(method, path, headers={"x-user": "VIEWER", **tus}).status_code]
           for method, path in every if method not in ("GET", "HEAD", "OPTIONS")]
known, answers = {}, []
for method, path, more in json.loads(sys.stdin.read()):
    headers = {"x-user": "USER", **more.pop("headers", {})}
    if "body" in more:
        more["content"] = base64.b64decode(more.pop("body"))
    path = path.replace("{id}", known.get("id", ""))
    answer = client.request(method, "/marquee-intake" + path, headers=headers, **more)
    if answer.status_code == 201 and path == "/api/uploads":
        known["id"] = answer.json()["id"]
    answers.append([answer.status_code, answer.text, dict(answer.headers)])
print("\\n" + json.dumps({"strangers": strangers, "viewers": viewers, "answers": answers, "id": known.get("id")}))
"""
TUS = {"tus-resumable": "1.0.0"}


def piece(offset: int, content: bytes, **headers: str) -> tuple[str, str, dict[str, Any]]:
    more = {**TUS, "content-type": "application/offset+octet-stream", "upload-offset": str(offset)} | headers
    return "PATCH", "/api/uploads/{id}/files/0", {"headers": more, "body": base64.b64encode(content).decode()}


def announcement(title: str, name: str = "film.mkv", **more: Any) -> tuple[str, str, dict[str, Any]]:
    sidecar = {"title": title, "year": "2001", "media": name, **more}
    body = {"sidecar": sidecar, "files": [{"name": name, "size": len(FILM)}]}
    raw = base64.b64encode(json.dumps(body).encode()).decode()
    return "POST", "/api/uploads", {"body": raw, "headers": {"content-type": "application/json"}}


NESTED: list[Any] = []
for _ in range(300):
    NESTED = [NESTED]
ODD = "<b>Bold</b>"
HEAD = ("HEAD", "/api/uploads/{id}/files/0", {"headers": TUS})
NAMED = base64.b64encode(b"film.mkv").decode()
GOOD = base64.b64encode(hashlib.sha256(FILM[100:200]).digest()).decode()
ASKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bad year": announcement("A", year="soon"),
    "climbing": announcement("A", "../film.mkv"),
    "nested": announcement("A", credits=NESTED),
    "surrogate": announcement("A", synopsis="\ud800"),
    "no json": ("POST", "/api/uploads", {"json": {"sidecar": 1}}),
    "other site": ("POST", "/api/uploads", {"json": {}, "headers": {"sec-fetch-site": "cross-site"}}),
    "announced": announcement(ODD),
    "discovered": ("OPTIONS", "/api/uploads/{id}/files", {}),
    "created": (
        "POST",
        "/api/uploads/{id}/files",
        {"headers": {**TUS, "upload-length": str(len(FILM)), "upload-metadata": f"filename {NAMED},type dmlkZW8="}},
    ),
    "created another": (
        "POST",
        "/api/uploads/{id}/files",
        {"headers": {**TUS, "upload-length": "7", "upload-metadata": f"filename {NAMED}"}},
    ),
    "old client": ("HEAD", "/api/uploads/{id}/files/0", {"headers": {"tus-resumable": "0.2.2"}}),
    "nothing yet": HEAD,
    "first": piece(0, FILM[:100]),
    "page half way": ("GET", "/upload", {}),
    "page of a viewer": ("GET", "/upload", {"headers": {"x-user": "VIEWER"}}),
    "wrong place": piece(0, FILM[:100]),
    "wrong type": piece(100, b"x", **{"content-type": "text/plain"}),
    "damaged": piece(100, b"damaged", **{"upload-checksum": f"sha256 {GOOD}"}),
    "checked": piece(100, FILM[100:200], **{"upload-checksum": f"sha256 {GOOD}"}),
    "too long": piece(200, FILM),
    "how far": HEAD,
    "last": piece(200, FILM[200:]),
    "whole": HEAD,
    "told": ("GET", "/api/uploads/{id}", {}),
    "page": ("GET", "/upload", {}),
    "no such file": ("HEAD", "/api/uploads/{id}/files/9", {"headers": TUS}),
    "no such upload": ("HEAD", "/api/uploads/7/files/0", {"headers": TUS}),
    "deleted": ("DELETE", "/api/uploads/{id}", {}),
    "gone": ("GET", "/api/uploads/{id}", {}),
    "script": ("GET", "/intake.js", {}),
    "import": ("GET", "/import", {}),
    "dry run": ("GET", "/import?source=.&started=%3Cb%3E", {}),
    "import elsewhere": ("GET", "/import?source=../x", {}),
    "import is started elsewhere": ("POST", "/import", {"data": {"source": "/etc"}}),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("intake")
    (root / "library").mkdir()
    for name in ("Good (2001).mkv", "<i>No year.mkv"):
        (root / "library" / name).write_text("film")
    return root


@pytest.fixture(scope="module")
def got(home: Path, _migrated: str) -> dict[str, Any]:
    """Every answer, by its name; and what strangers and viewers get of every route."""
    places = {"MARQUEE_HOME": home, "MARQUEE_DATABASE_URL": _migrated, "MARQUEE_IMPORT_PATH": home / "library"}
    variables = {name: str(place) for name, place in places.items()}
    read = printed(ASK, home, asked=list(ASKED.values()), **variables)
    return read | dict(zip(ASKED, read["answers"], strict=True))


def test_nobody_comes_in_without_a_login_and_a_viewer_changes_nothing(got: dict[str, Any]) -> None:
    assert len(got["strangers"]) > 10
    assert {status for _, _, status in got["strangers"]} <= {401, 403}
    assert {path.rpartition("/")[2] for _, path, _ in got["viewers"]} == {"uploads", "1", "files", "import"}
    assert [each for each in got["viewers"] if each[2] != 403] == []
    assert got["other site"][0] == 403


def test_a_sidecar_is_judged_before_any_byte(got: dict[str, Any]) -> None:
    problems = {
        "bad year": "year",
        "climbing": "files.0.name",
        "no json": "sidecar",
        "nested": "title.yaml",
        "surrogate": "syn",
    }
    for name, where in problems.items():
        status, text, headers = got[name]
        assert status == 422
        assert headers["content-type"] == "application/problem+json"
        assert where in json.loads(text)["where"]


def test_an_upload_speaks_tus(got: dict[str, Any], home: Path) -> None:
    statuses = {name: got[name][0] for name in ASKED}
    assert statuses["announced"] == statuses["created"] == 201
    assert got["discovered"][2]["tus-version"] == "1.0.0"
    assert got["discovered"][2]["tus-extension"] == "creation,expiration,checksum"
    assert got["created"][2]["location"] == f"/marquee-intake/api/uploads/{got['id']}/files/0"
    assert statuses["created another"] == 422
    assert statuses["old client"] == 412
    offsets = {
        name: got[name][2].get("upload-offset") for name in ("nothing yet", "first", "checked", "how far", "whole")
    }
    assert offsets == {"nothing yet": "0", "first": "100", "checked": "200", "how far": "200", "whole": str(len(FILM))}
    assert got["how far"][2]["upload-length"] == str(len(FILM))
    wrong = {name: statuses[name] for name in ("wrong place", "wrong type", "damaged", "too long")}
    assert wrong == {"wrong place": 409, "wrong type": 415, "damaged": 460, "too long": 413}
    assert {got[name][2].get("tus-resumable") for name in ("first", "wrong place", "damaged", "whole")} == {"1.0.0"}
    assert "upload-expires" in got["last"][2]
    assert (statuses["no such file"], statuses["no such upload"], statuses["gone"]) == (404, 404, 404)
    (folder,) = (path for path in (home / "inbox").iterdir() if not path.name.startswith("."))
    assert (folder / "film.mkv").read_bytes() == FILM
    assert (folder / ".done").exists()


def test_pages_show_how_far_it_is_and_words_as_words(got: dict[str, Any]) -> None:
    digest = hashlib.sha256(FILM).hexdigest()
    assert json.loads(got["told"][1])["files"][0]["sha256"] == digest
    half, whole, viewer = got["page half way"][1], got["page"][1], got["page of a viewer"][1]
    assert f'value="100" max="{len(FILM)}"' in half
    assert digest in whole
    assert digest not in half
    assert "&lt;b&gt;Bold" in half
    assert "<b>Bold" not in half + whole
    assert "data-resume" in half
    assert "data-resume" not in viewer + whole
    assert 'id="new"' not in viewer
    for name in ("page", "import"):
        assert "script-src 'self'" in got[name][2]["content-security-policy"]
        assert "<script>" not in got[name][1]
    assert got["script"][2]["content-type"].startswith("text/javascript")


def test_imports_come_from_their_folder_alone(got: dict[str, Any]) -> None:
    assert got["import"][0] == 200
    assert "1 of 2 would be taken" in got["dry run"][1]
    assert "&lt;i&gt;" in got["dry run"][1]
    assert "<b>" not in got["dry run"][1]
    assert got["import elsewhere"][0] == got["import is started elsewhere"][0] == 422
