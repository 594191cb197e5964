"""The page Health as Airflow's server would give it: every state, at any role, fit for a telephone."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.dags.plugin_process import printed
from tests.dags.test_data_pages import Balance

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
READ = """
import json, threading, time
from datetime import timedelta
from airflow.api_fastapi.core_api.security import get_user
from fastapi.testclient import TestClient
import marquee_plugin
from marquee.health.checks import Check, Part, State, now
from marquee_airflow import health_pages, pages as desk

client, pages = TestClient(desk.app), {}
pages["strangers"] = [client.get(path).status_code for path in ("/health", "/api/health")]
desk.app.dependency_overrides[get_user] = lambda: None

def get(name, path):
    health_pages._recent = health_pages.Recent()
    answer = client.get(path)
    pages[name] = {"status": answer.status_code, "text": answer.text}

began = time.monotonic()
get("all away", "/health")
pages["seconds"] = time.monotonic() - began
ok, late, down, unknown = State.OK, State.WARNING, State.DOWN, State.UNKNOWN
old = now() - timedelta(hours=50)
checks = {
    "Alarms": [Check("start failures", late, "edge-b, 2.30 %", now() - timedelta(minutes=1))],
    "Servers": [Check("api", ok, "answers in 3 ms"), Check("edge-b", down, "does not answer: ConnectError"),
        Check("<b>edge</b>", ok, "<i>well</i>")],
    "Database": [Check("postgresql", ok, "the primary, PostgreSQL 18.4, 1.2 GB"), Check("standby us-east-standby-2",
        late, "catchup, 14 min behind")],
    "Airflow": [Check("scheduler", ok, "alive", now()), Check("runs failed", ok, "0 within a day")],
    "Queues": [Check("transcode", ok, "2 running of 2, 318 waiting, the oldest for 12 min")],
    "Data": [Check("marts", ok, "made", now() - timedelta(hours=7)),
        Check("recommendations", late, "by hybrid v7", old)],
    "Backup": [Check("last backup", unknown, "never")],
    "Versions": [Check("apache-airflow-core", ok, "3.3.2")],
}
parts = [Part(group, group, lambda each=each: each) for group, each in checks.items()]
health_pages.platform_parts.parts = lambda _: parts
get("mixed", "/health")
get("json", "/api/health")
health_pages.platform_parts.parts = lambda _: [p for p in parts if p.group in ("Versions", "Airflow")]
get("well", "/health")
pages["views"] = [view["href"] for view in marquee_plugin.MarqueePlugin.external_views]
print("\\n" + json.dumps(pages))
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("health")
    away = "postgresql://nobody:secret-word@127.0.0.1:1"
    return printed(READ, home / "airflow", MARQUEE_HOME=str(home), MARQUEE_DATABASE_URL=away)


@pytest.mark.parametrize("name", ["all away", "mixed", "well"])
def test_the_page_is_finished_html(pages: dict[str, Any], name: str) -> None:
    assert pages[name]["status"] == 200
    parser = Balance()
    parser.feed(pages[name]["text"])
    assert (parser.wrong, parser.open, parser.addresses) == ([], [], [])
    assert "<script" not in pages[name]["text"]


def test_strangers_see_none_of_it(pages: dict[str, Any]) -> None:
    assert set(pages["strangers"]) <= {401, 403}


def test_with_everything_away_it_comes_in_time_and_says_so(pages: dict[str, Any]) -> None:
    assert pages["seconds"] < 10
    assert pages["all away"]["text"].count("the database does not answer") > 3
    assert "secret-word" not in pages["all away"]["text"]


def test_what_is_wrong_is_named_first_and_the_worst_before_all(pages: dict[str, Any]) -> None:
    text = pages["mixed"]["text"]
    wrong = ("Servers: edge-b", "Alarms: start failures", "Data: recommendations")
    places = [text.index(f"<strong>{name}</strong>") for name in wrong]
    assert places == sorted(places)
    assert places[-1] < text.index('class="groups"')
    assert "by hybrid v7 <small>2 days ago</small>" in text
    assert "&lt;b&gt;edge" in text
    assert "<b>edge" not in text
    assert "All that was asked is well." in pages["well"]["text"]


def test_the_interface_tells_the_same(pages: dict[str, Any]) -> None:
    said = json.loads(pages["json"]["text"])
    assert said["state"] == "down"
    states = {check["name"]: check["state"] for group in said["groups"] for check in group["checks"]}
    assert (states["edge-b"], states["last backup"], states["api"]) == ("down", "unknown", "ok")


def test_airflow_has_it_in_its_navigation(pages: dict[str, Any]) -> None:
    assert "/marquee/health" in pages["views"]


@pytest.mark.parametrize("width", [390, 1440])
def test_it_fits_a_telephone_and_a_screen(
    pages: dict[str, Any], browser: "Browser", width: int, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    for name in ("mixed", "all away", "well"):
        page.set_content(pages[name]["text"].replace('http-equiv="refresh"', ""))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)
    page.close()
