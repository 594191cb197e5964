"""The titles' pages and REST as Airflow's server gives them, to each role: in a process of its own."""

import io
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from marquee.catalogue import releases, title_versions, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import TitleState
from marquee.content.origin.replica import write_document
from marquee.content.pipeline import plans
from marquee.content.pipeline.integrity import signed
from marquee.content.pipeline.stores import origins
from marquee.contracts.title import TitleMetadata
from tests.catalogue.test_catalogue import packaged
from tests.dags.plugin_process import printed
from tests.ladders import FOUND

pytestmark = pytest.mark.usefixtures("catalogue")

ROOT = Path(__file__).resolve().parents[2]
COUNT = 120
ASK = """
import json, re, sys
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from marquee_airflow import data_pages, pages

create_auth_manager()
asked = json.loads(sys.stdin.read())
site = FastAPI()
site.mount("/marquee", pages.app)
site.mount("/marquee-data", data_pages.app)
client = TestClient(site, follow_redirects=False)

def routes(prefix, app):
    for context in app.routes:
        inner = getattr(context, "effective_route_contexts", None)
        for route in inner() if inner else [context]:
            path = re.sub("{action}", "withdraw", re.sub("{(title_id|upload_id|run)}", asked["title"], route.path))
            path = path.replace("{kind}", "poster")
            for method in route.methods - {"HEAD"}:
                yield method, prefix + path

every = [*routes("/marquee", pages.app), *routes("/marquee-data", data_pages.app)]
own = [("GET", f"{prefix}{path}") for prefix in ("/marquee", "/marquee-data")
       for path in ("/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc")]
strangers = [[method, path, client.request(method, path).status_code] for method, path in every]
closed = [client.request(method, path).status_code for method, path in own]

def whose(request: Request):
    return SimpleAuthManagerUser(username=request.headers["x-user"], role=request.headers["x-user"])

for app in (pages.app, data_pages.app):
    app.dependency_overrides[get_user] = whose
viewers = [[method, path, client.request(method, path, headers={"x-user": "VIEWER"}).status_code]
           for method, path in every if method != "GET"]
answers = []
for method, path, more in asked["requests"]:
    headers = {"x-user": "USER", **more.pop("headers", {})}
    if (latin := more.pop("latin", None)) is not None:
        more["content"] = latin.encode("latin-1")
    answer = client.request(method, f"/marquee{path}", headers=headers, **more)
    answers.append([answer.status_code, answer.text, dict(answer.headers)])
print("\\n" + json.dumps({"strangers": strangers, "closed": closed, "viewers": viewers, "answers": answers}))
"""
Request = tuple[str, str, dict[str, Any]]
Answer = tuple[int, str, dict[str, str]]


def ask(*requests: Request, title_id: int = 1) -> dict[str, Any]:
    """What a `USER` is answered (another role by the header x-user), and every route strangers and viewers."""
    asked = {"title": str(title_id), "requests": requests}
    return printed(ASK, Path(os.environ["MARQUEE_HOME"]), asked=asked)


def get(path: str, **headers: str) -> Request:
    return "GET", path, {"headers": headers}


def shown(text: str) -> list[str]:
    return re.findall(r"<br><small>(film-[^<]+)</small>", text)


@pytest.fixture
def many(catalogue: None) -> None:
    """Titles film-0 to film-119: every tenth rejected, the others in the making; their names say their number twice."""
    with begin() as session:
        for n in range(COUNT):
            texts = {
                "en": {"title": f"Number {n:03} 100% {'<b>' if n == 7 else ''}"},
                "de": {"title": f"Nummer {n:03}"},
            }
            metadata = TitleMetadata.model_validate(
                {"slug": f"film-{n}", "media": "a.mp4", "year": 2000, "texts": texts}
            )
            title = titles.upsert(session, metadata, f"{n}")
            if n % 10 == 0:
                titles.set_state(session, title.id, TitleState.REJECTED, "QC")


def test_the_list_is_searched_and_filtered_by_its_address_and_words_are_words(many: None) -> None:
    queries = ("?q=nummer%20007", "?q=FILM-11", "?state=rejected", "?state=rejected&q=11", "?q=100%25", "?q=nothing")
    more = ("?state=unknown&q=%00film-119", "?q=%22%3E%3Cscript%3E", "", "?order=slug", "?after=x")
    got = ask(*(get(f"/board{query}") for query in (*queries, *more)))["answers"]
    found = [shown(text) for _, text, _ in got]
    assert found[0] == ["film-7"]
    assert set(found[1]) == {"film-11", *(f"film-{n}" for n in range(110, 120))}
    assert set(found[2]) == {f"film-{n}" for n in range(0, COUNT, 10)}
    assert found[3] == ["film-110"]
    assert len(found[4]) == 50
    assert found[5] == []
    assert found[6] == ["film-119"]
    assert got[7][1].count("<script") == 1  # the page's own
    assert "No title matches." in got[7][1]
    assert "<b>" not in got[0][1]
    assert "&lt;b&gt;" in got[0][1]
    assert "rejected 12" in got[8][1]
    assert got[10][0] == 422
    assert found[9] == sorted(f"film-{n}" for n in range(COUNT))[:50]
    assert 'rel="next" href="/marquee/board?order=slug&amp;after=' in got[9][1]


@pytest.fixture
def title_id(catalogue: None) -> int:
    """A published title, whose release lasts a second."""
    metadata = {"slug": "a-film", "media": "a.mp4", "year": 2000, "texts": {"en": {"title": "<b>A film</b>"}}}
    with begin() as session:
        made = titles.upsert(session, TitleMetadata.model_validate(metadata), "one").id
    release_id = packaged(made, "p")
    with begin() as session:
        releases.point(session, release_id, action="publish", actor="test")
    return made


def test_nobody_gets_in_without_a_login_and_a_viewer_changes_nothing(title_id: int) -> None:
    api, page = f"/api/titles/{title_id}", f"/titles/{title_id}"
    viewer, elsewhere = {"x-user": "VIEWER"}, {"sec-fetch-site": "cross-site"}
    got = ask(
        get(page, **viewer),
        get("/board", **viewer),
        get(api, **viewer),
        ("POST", f"{page}/withdraw", {"data": {"version": "1"}, "headers": elsewhere}),
        ("POST", f"{api}/withdraw", {"json": {}, "headers": {"origin": "https://elsewhere.example"}}),
        get("/api/openapi.json"),
        title_id=title_id,
    )
    assert {status for _, _, status in got["strangers"]} <= {401, 403}
    assert set(got["closed"]) <= {401, 403, 404}
    assert len(got["viewers"]) > 10
    assert {status for _, _, status in got["viewers"]} == {403}
    read, listed, told, *others, described = got["answers"]
    assert [read[0], listed[0], told[0]] == [200, 200, 200]
    assert "<button>Save" not in read[1]
    assert 'name="title"' not in listed[1]
    assert [status for status, _, _ in others] == [403, 403]
    paths = {path for _, path, _ in got["strangers"]}
    described_paths = json.loads(described[1])["paths"]
    known = {re.sub("{(title_id|upload_id)}", str(title_id), path) for path in described_paths}
    assert {f"/marquee{path}".replace("{kind}", "poster") for path in known} <= paths
    with begin() as session:
        assert titles.get(session, title_id).version == 1


def test_series_by_page_and_by_rest(catalogue: None) -> None:
    api, page = "/api/series/the-coast", "/series/the-coast"
    picture = io.BytesIO()
    Image.new("RGB", (8, 12), "red").save(picture, "PNG")
    texts = {"section": "texts", "version": "0", "original_language": "en", "texts.0.language": "en"}
    texts |= {"texts.0.title": 'Shores "<b>"', "texts.1.language": "de", "texts.1.title": "Küste"}
    seasons = {"section": "seasons", "version": "1", "seasons.0.place": "2", "seasons.0.season": "1"}
    seasons |= {"seasons.1.place": "1", "seasons.1.season": "2", "seasons.1.names": "en: Later"}
    facts = {"section": "facts", "version": "2", "genres": "Not A Slug", "finished": "yes", "artwork_of": ""}
    whole, none = {"latin": picture.getvalue().decode("latin-1")}, {"latin": "no picture"}
    any_version = {"headers": {"if-match": "*"}}
    got = ask(
        get(page),
        get(api),
        ("POST", f"{page}/edit", {"data": texts}),
        ("POST", f"{page}/edit", {"data": texts}),
        ("POST", f"{page}/edit", {"data": seasons}),
        ("POST", f"{page}/edit", {"data": facts}),
        ("PATCH", api, {"json": {"changes": {"finished": True}}}),
        ("PATCH", api, {"json": {"changes": {"finished": True}}, "headers": {"if-match": '"2"'}}),
        ("PUT", f"{api}/artwork/poster", whole | any_version),
        ("PUT", f"{api}/artwork/cover", whole | any_version),
        ("PUT", f"{api}/artwork/poster", none | any_version),
        ("POST", f"{page}/picture", {"data": {"version": "4", "kind": "poster"}}),
        ("POST", f"{page}/undo", {"data": {"version": "4", "undone": "4"}}),
        get(page),
        get(page, **{"x-user": "VIEWER"}),
        get("/series?q=shores", **{"x-user": "VIEWER"}),
        get(api),
        ("POST", f"{page}/remove", {"data": {"version": "5"}}),
        get("/series"),
    )["answers"]
    statuses = [status for status, _, _ in got]
    assert statuses[:8] == [200, 404, 303, 412, 303, 422, 428, 200]
    assert 'value="Shores &#34;&lt;b&gt;&#34;"' in got[3][1]
    assert 'value="Not A Slug"' in got[5][1]
    assert got[7][2]["etag"] == '"3"'
    assert statuses[8:13] == [200, 422, 422, 422, 303]
    assert "<button>Save" in got[13][1]
    assert "<button>" not in got[14][1]
    assert "/series/the-coast" in got[15][1]
    told = json.loads(got[16][1])
    assert [each["season"] for each in told["description"]["seasons"]] == [2, 1]
    assert (told["version"], told["description"]["finished"], told["artwork"]) == (5, True, {})
    assert [v["actor"] for v in told["versions"]] == ["USER"] * 5
    assert (statuses[17], "No series yet" in got[18][1]) == (303, True)


def test_two_editors_by_page_and_by_rest(title_id: int) -> None:
    api, page = f"/api/titles/{title_id}", f"/titles/{title_id}"
    first = {"section": "facts", "version": "1", "year": "2001", "maturity_rating": "12", "kind": "film"}
    late = {"section": "texts", "version": "1", "original_language": "en", "texts.0.language": "en"}
    late["texts.0.title"] = 'My own "name" <i>'
    wrong = first | {"version": "2", "year": "1800", "genres": "noir, Not A Slug"}
    bulk = {"action": "withdraw", "title": [str(title_id), "77"]}
    track = {"track": {"type": "subtitles", "file": "<b>.srt", "language": "en", "kind": "sdh"}, "size": 30}
    got = ask(
        ("POST", f"{page}/edit", {"data": first}),
        ("POST", f"{page}/edit", {"data": late}),
        ("POST", f"{page}/edit", {"data": wrong}),
        ("PATCH", api, {"json": {"changes": {"year": 1950}}}),
        ("PATCH", api, {"json": {"changes": {"year": 1950}}, "headers": {"if-match": '"1"'}}),
        ("PATCH", api, {"json": {"changes": {"year": 1700}}, "headers": {"if-match": '"2"'}}),
        ("PATCH", api, {"json": {"changes": {"year": 1950}}, "headers": {"if-match": '"2"'}}),
        ("POST", f"{page}/undo", {"data": {"version": "3", "undone": "3"}}),
        ("POST", f"{page}/undo", {"data": {"version": "4", "undone": "1"}}),
        ("POST", "/board/bulk", {"data": bulk}),
        ("POST", f"{page}/publish", {"data": {"version": "5", "at": ""}}),
        ("POST", f"{api}/restore", {}),
        ("POST", f"{page}/publish", {"data": {"version": "6", "at": "2030-01-01T00:00"}}),
        ("DELETE", f"{api}?grace_days=1", {}),
        ("POST", f"{page}/keep", {"data": {"version": "8"}}),
        ("POST", f"{page}/nothing", {"data": {}}),
        get(page),
        get("/titles/77"),
        get("/api/titles/77"),
        get("/api/titles?query=film&state=published"),
        get("/api/titles?colour=red"),
        ("POST", f"{api}/tracks", {"json": track}),
        ("POST", f"{api}/tracks", {"json": track}),
        ("POST", f"{api}/tracks", {"json": {**track, "size": 0}}),
        ("PUT", f"{api}/tracks/77", {"json": {}}),
        ("POST", f"{page}/track", {"data": {"upload_id": "77"}}),
        ("POST", f"{api}/encode", {"json": {"ladder": "premium"}}),
        ("POST", f"{page}/encode", {"data": {"scheme": "<i>"}}),
        get(page),
        title_id=title_id,
    )["answers"]
    statuses = [status for status, _, _ in got]
    assert statuses[:4] == [303, 412, 422, 428]
    assert got[0][2]["location"] == f"/marquee/titles/{title_id}"
    assert "My own &#34;name&#34; &lt;i&gt;" in got[1][1]
    assert 'name="version" value="2"' in got[1][1]
    assert 'role="alert"' in got[2][1]
    assert 'value="noir, Not A Slug"' in got[2][1]
    assert statuses[4:7] == [412, 422, 200]
    assert got[4][2]["content-type"] == "application/problem+json"
    assert json.loads(got[5][1])["where"] == "year"
    assert got[6][2]["etag"] == '"3"'
    assert statuses[7:10] == [303, 409, 200]
    assert "no such title" in got[9][1]
    assert statuses[10:16] == [409, 200, 303, 200, 303, 404]
    assert "<b>" not in got[16][1]
    assert got[16][1].count("edited by a person") == 1
    assert [status for status, _, _ in got[17:21]] == [404, 404, 200, 422]
    assert [status for status, _, _ in got[21:]] == [201, 409, 422, 404, 404, 404, 422, 200]  # nothing was delivered
    assert json.loads(got[21][1])["track"]["kind"] == "sdh"
    assert "subtitles en-sdh" in got[28][1]
    assert "&lt;b&gt;.srt" in got[28][1]
    assert "<b>" not in got[28][1]
    (line,) = json.loads(got[19][1])["items"]
    assert (line["title_id"], line["version"], line["year"]) == (str(title_id), 9, 2001)
    with begin() as session:
        told = [(row.action, row.actor) for row in reversed(title_versions.listed(session, title_id))]
    actions = ("edit", "edit", "undo", "withdraw", "restore", "publish", "delete", "keep")
    assert told == [("delivery", "delivery"), *((action, "USER") for action in actions)]


def test_a_release_is_previewed_and_scheduled_by_page_and_by_rest(title_id: int) -> None:
    second = packaged(title_id, "second")
    with begin() as session:
        row = releases.get(session, second)
        document = signed(releases.document(row))
        row.document = document.model_dump(mode="json")
    for store in origins().values():
        write_document(store, document)
    api, page, moment = f"/api/titles/{title_id}", f"/titles/{title_id}", "2040-01-01T20:00:00"
    chosen = {"release_id": str(second)}
    got = ask(
        get(page),
        ("POST", f"{page}/preview", {"data": chosen}),
        ("POST", f"{api}/previews", {"json": chosen}),
        ("POST", f"{api}/previews", {"json": {"release_id": "77"}}),
        ("POST", f"{page}/schedule", {"data": chosen | {"version": "1", "at": moment}}),
        ("POST", f"{page}/schedule", {"data": chosen | {"version": "1", "at": moment}}),
        ("POST", f"{page}/schedule", {"data": chosen | {"version": "2", "at": ""}}),
        ("POST", f"{page}/schedule", {"data": chosen | {"version": "2", "at": "2001-01-01T00:00"}}),
        get(page),
        get(page, **{"x-user": "VIEWER"}),
        get(api),
        ("DELETE", f"{api}/schedule", {"headers": {"if-match": '"1"'}}),
        ("DELETE", f"{api}/schedule", {"headers": {"if-match": '"2"'}}),
        ("PUT", f"{api}/schedule", {"json": chosen | {"at": f"{moment}+01:00"}}),
        ("PUT", f"{api}/schedule", {"json": chosen | {"at": moment}}),
        ("POST", f"{page}/unschedule", {"data": {"version": "4"}}),
        get(f"{page}"),
        get("/board?scheme=none"),
        get("/api/titles?scheme=cenc"),
        title_id=title_id,
    )["answers"]
    assert [status for status, _, _ in got[:4]] == [200, 200, 201, 404]
    assert "Nothing has been counted yet." in got[0][1]
    assert 'aria-label="Windows. World: always."' in got[0][1]
    (token,) = re.findall(r'href="http://localhost:8000/preview#([\w-]{44})"', got[1][1])
    assert json.loads(got[2][1])["url"].partition("#")[2] not in ("", token)
    assert [headers["cache-control"] for _, _, headers in got[1:3]] == ["no-store", "no-store"]
    assert [status for status, _, _ in got[4:8]] == [303, 412, 422, 422]
    assert f"Release {second} is shown from 2040-01-01 20:00:00 UTC, set by USER" in got[8][1]
    assert "Previews: 2" in got[8][1]
    assert f"Release {second} is shown from" in got[9][1]
    assert not re.search(r'action="[^"]*/(preview|schedule|unschedule|rollback)"', got[9][1])
    told = json.loads(got[10][1])["schedule"]
    assert (told["release_id"], told["by"], told["overdue"]) == (str(second), "USER", False)
    assert [status for status, _, _ in got[11:16]] == [412, 200, 200, 422, 303]
    assert "is shown from" not in got[16][1]
    assert "film" in got[17][1]
    assert json.loads(got[18][1])["items"] == []
    with begin() as session:
        assert titles.get(session, title_id).scheduled_at is None
        assert [row.action for row in title_versions.listed(session, title_id)][:4] == [
            "unschedule",
            "schedule",
            "unschedule",
            "schedule",
        ]


def test_a_searched_ladder_is_drawn(title_id: int) -> None:
    plans.keep_ladder("p", FOUND)
    with begin() as session:
        shown_id = titles.get(session, title_id).current_release_id
    drawing = f"/titles/{title_id}/releases/{shown_id}/ladder.svg"
    got = ask(get(f"/titles/{title_id}"), get(drawing), get(drawing.replace(f"{shown_id}", "77")))["answers"]
    assert f'{drawing}"' in got[0][1]
    assert (got[1][0], got[1][2]["content-type"]) == (200, "image/svg+xml")
    assert "10.0 % of the encode" in got[1][1]
    assert got[2][0] == 404
