"""The page of all titles as Airflow's server gives it, and what the plugin's apps answer to strangers."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import TitleState
from marquee.contracts.title import TitleMetadata

pytestmark = pytest.mark.usefixtures("catalogue")

ROOT = Path(__file__).resolve().parents[2]
COUNT = 120
READ = """
import json, sys
from airflow.api_fastapi.core_api.security import get_user
from fastapi.testclient import TestClient
from marquee_airflow import data_pages, pages

FASTAPIS_OWN = ["/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"]
open_to_all = []
for app in (pages.app, data_pages.app):
    client = TestClient(app)
    for path in [route.path.replace("{run}", "any") for route in app.routes] + FASTAPIS_OWN:
        status = client.get(path).status_code
        if status not in ((401, 403) if path not in FASTAPIS_OWN else (401, 403, 404)):
            open_to_all.append(f"{app.title} {path} {status}")
pages.app.dependency_overrides[get_user] = lambda: None
client = TestClient(pages.app)
answers = [client.get(f"/board{query}") for query in json.loads(sys.argv[1])]
read = {"open": open_to_all, "pages": [[answer.status_code, answer.text] for answer in answers]}
print("\\n" + json.dumps(read))
"""


def read(*queries: str) -> dict[str, Any]:
    env = {**os.environ, "AIRFLOW_HOME": os.environ["MARQUEE_HOME"], "PYTHONPATH": f"{ROOT}:{ROOT}/plugins"}
    argv = [sys.executable, "-c", READ, json.dumps(queries)]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


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


def test_pages_hold_every_title_once(many: None) -> None:
    got = read("", "?page=2", "?page=3", "?page=99", "?page=0")
    assert [status for status, _ in got["pages"]] == [200, 200, 200, 200, 422]
    assert got["open"] == []
    one, two, three, beyond = (shown(text) for _, text in got["pages"][:4])
    assert sorted(one + two + three) == sorted(f"film-{n}" for n in range(COUNT))
    assert beyond == three
    assert 'rel="next" href="board?q=&amp;state=&amp;page=2"' in got["pages"][0][1]


def test_a_search_and_a_state_narrow_the_titles(many: None) -> None:
    queries = ("?q=nummer%20007", "?q=FILM-11", "?state=rejected", "?state=rejected&q=11", "?q=100%25", "?q=nothing")
    got = [shown(text) for _, text in read(*queries, "?state=unknown&q=%00film-119")["pages"]]
    assert got[0] == ["film-7"]
    assert set(got[1]) == {"film-11", *(f"film-{n}" for n in range(110, 120))}
    assert set(got[2]) == {f"film-{n}" for n in range(0, COUNT, 10)}
    assert got[3] == ["film-110"]
    assert len(got[4]) == 50
    assert got[5] == []
    assert got[6] == ["film-119"]


def test_words_are_shown_as_words(many: None) -> None:
    (searched, page), (_, empty) = read("?q=%22%3E%3Cscript%3E", "?q=film-7")["pages"]
    assert searched == 200
    assert "<script" not in page
    assert "No title matches." in page
    assert "<b>" not in empty
    assert "&lt;b&gt;" in empty
