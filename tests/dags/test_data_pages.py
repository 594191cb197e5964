"""The data pages as Airflow's server would give them: finished, closed to strangers, nothing from another host."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.dags.plugin_process import printed
from tests.viewing.insights import sample

ROOT = Path(__file__).resolve().parents[2]
VOID = {"meta", "br", "input", "link", "img", "hr"}

READ = """
import json, sys
from airflow.api_fastapi.core_api.security import get_user
from fastapi.testclient import TestClient
from datetime import UTC, datetime, timedelta
from contextlib import nullcontext
import marquee_plugin
from marquee.catalogue.models import LiveMetric
from marquee.contracts.qc import Severity
from marquee.viewing.expectations import kept_runs as runs
from marquee.viewing.expectations.rules import CheckpointReport, Outcome
from marquee.settings import settings
from marquee_airflow import data_pages

app, pages = data_pages.app, {}
client = TestClient(app)
pages["strangers"] = [client.get(f"/{page}").status_code for page in marquee_plugin.DATA_PAGES.values()]
app.dependency_overrides[get_user] = lambda: None

def get(name, path):
    answer = client.get(path)
    pages[name] = {"status": answer.status_code, "text": answer.text, "headers": dict(answer.headers)}

for name in ("insights", "data-docs", "dbt-docs"):
    get(f"{name} before", f"/{name}")
import pathlib; settings().home.joinpath("marts-later").rename(settings().home / "warehouse")
for name, title in (("none", ""), ("markup", "501"), ("long", "504"), ("strange", "99"), ("nonsense", "%3Cscript%3E")):
    get(f"insights {name}", f"/insights?title={title}")
docs = settings().home / "warehouse" / "dbt-docs"
docs.mkdir(); (docs / "index.html").write_text("<!doctype html><title>dbt docs</title>")
get("dbt-docs", "/dbt-docs")

run = runs.new("events")
run.keep_rows("event_device_is_known", b"session_id,device\\n1,<b>fridge</b>\\n")
bad = Outcome(name="event_device_is_known", frame="events", verdict=Severity.FAIL, expected="device among tv",
    why="the API knows no other", rows=10, broken=1, first=({"session_id": "1", "device": "<b>fridge</b>"},))
good = Outcome(name="event_origin_is_known", frame="events", verdict=Severity.PASS, expected="x", why="y", rows=10,
    broken=0)
run.finish(CheckpointReport(run=run.name, checkpoint="events", days=("2026-03-14",),
    at_ms=1_773_500_000_000, seconds=1.5,
    outcomes=(bad, good)))
get("data-docs", "/data-docs")
get("run", f"/data-docs/{run.name}")
get("rows", f"/data-docs/{run.name}/rows?rule=event_device_is_known")
get("rows of nothing", f"/data-docs/{run.name}/rows?rule=../report")
get("no run", "/data-docs/20260101T000000000Z-events")

minute = datetime.now(UTC).replace(second=0, microsecond=0)
seen = [LiveMetric(minute=minute - timedelta(minutes=n), metric=m, edge=e, value=float(n + 3))
    for n in range(9) for m in data_pages.METRICS for e in ("*", "<edge>")]
data_pages.begin = nullcontext
data_pages.live.last_hour = lambda _: []
get("live off", "/live")
data_pages.live.last_hour = lambda _: seen
get("live calm", "/live")
ill = {"alarm:start_failures": 1.0, "rate:start_failures": 0.0234, "alarm:error:<b>x": 1.0, "error:<b>x": 4.0}
seen += [LiveMetric(minute=minute - timedelta(minutes=n), metric=m, edge="<edge>", value=v * (n < 3))
    for n in range(9) for m, v in ill.items()]
get("live", "/live")
pages["raised since"] = (minute - timedelta(minutes=2)).strftime("%H:%M")
pages["views"] = [view["href"] for view in marquee_plugin.MarqueePlugin.external_views]
pages["mounts"] = [mount["url_prefix"] for mount in marquee_plugin.MarqueePlugin.fastapi_apps]
pages["heavy"] = sorted({"great_expectations", "pyspark", "mlflow"} & set(sys.modules))
print("\\n" + json.dumps(pages))
"""


class Balance(HTMLParser):
    """Every element that is opened is closed, in order; ids are there once; addresses are told."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        values = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        self.addresses += [values[name] for name in ("href", "src", "action") if values.get(name)]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("pages")
    sample.write(home / "marts-later")
    return printed(READ, home / "airflow", MARQUEE_HOME=str(home))


PAGES = [
    "insights before", "data-docs before", "dbt-docs before", "insights none", "insights markup", "insights long",
    "insights strange", "insights nonsense", "data-docs", "run", "live", "live off", "live calm",
]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_finished_html_that_asks_no_other_host(pages: dict[str, Any], name: str) -> None:
    page = pages[name]
    assert page["status"] == 200
    assert page["text"].startswith("<!doctype html>")
    parser = Balance()
    parser.feed(page["text"])
    assert (parser.wrong, parser.open) == ([], [])
    assert len(parser.ids) == len(set(parser.ids))
    assert not [address for address in parser.addresses if re.match(r"(https?:)?//|javascript:|data:", address)]
    assert not re.search(r"<script|@import|url\(|https?://", page["text"])


def test_strangers_see_none_of_it(pages: dict[str, Any]) -> None:
    assert set(pages["strangers"]) <= {401, 403}


def test_names_with_markup_are_words(pages: dict[str, Any]) -> None:
    text = pages["insights markup"]["text"]
    assert "Grandma&#39;s &lt;b&gt;Secret&lt;/b&gt; &amp; Sons" in text
    assert "<b>Secret" not in text
    assert "<b>fridge" not in pages["run"]["text"]
    assert "<edge>" not in pages["live"]["text"]


def test_simulated_viewers_are_told_at_the_top(pages: dict[str, Any]) -> None:
    text = pages["insights none"]["text"]
    assert "Includes simulated viewers." in text
    assert text.index("95.0 %") < text.index("The last seven days")


def test_states_say_what_to_do(pages: dict[str, Any]) -> None:
    assert "viewing_marts" in pages["insights before"]["text"]
    assert "viewing_marts" in pages["data-docs before"]["text"]
    assert "No model docs yet" in pages["dbt-docs before"]["text"]
    assert "Choose a title to see" in pages["insights none"]["text"]
    assert "Choose a title to see" in pages["insights nonsense"]["text"]
    assert "Nobody has watched this title" in pages["insights strange"]["text"]
    assert "MARQUEE_LIVE_METRICS" in pages["live off"]["text"]
    assert "dbt docs" in pages["dbt-docs"]["text"]


def test_alarms_say_what_where_since_when_and_how_bad(pages: dict[str, Any]) -> None:
    text = pages["live"]["text"]
    assert f"since {pages['raised since']}; raised from 1 %, cleared at 0.5 %" in text
    assert "<strong>Start failures, &lt;edge&gt;</strong> <b>2.34 %</b>" in text
    assert "<strong>Error &lt;b&gt;x, &lt;edge&gt;</strong>" in text
    assert '<td>&lt;edge&gt;</td><td>&lt;b&gt;x</td><td class="num">12</td>' in text
    assert "No alarm about" not in text
    assert "No alarm about" in pages["live calm"]["text"]
    assert 'class="alarms"' not in pages["live calm"]["text"]


def test_the_long_title_is_shown_whole(pages: dict[str, Any]) -> None:
    assert pages["insights long"]["text"].count("The Director&#39;s Uncut Extended Edition") >= 2


def test_runs_link_to_their_rows(pages: dict[str, Any]) -> None:
    assert "event device is known" in pages["data-docs"]["text"]
    link = re.search(r'href="([^"]+rows\?rule=[^"]+)"', pages["run"]["text"])
    assert link
    assert link[1].endswith("-events/rows?rule=event_device_is_known")
    assert pages["rows"]["text"] == "session_id,device\n1,<b>fridge</b>\n"
    assert pages["rows"]["headers"]["content-type"].startswith("text/csv")
    assert pages["rows"]["headers"]["content-disposition"].startswith("attachment")
    assert [pages[name]["status"] for name in ("rows of nothing", "no run")] == [404, 404]


def test_navigation_leads_to_pages_that_exist(pages: dict[str, Any]) -> None:
    assert len(set(pages["mounts"])) == len(pages["mounts"]) == 3
    assert all(view.startswith(tuple(f"{mount}/" for mount in pages["mounts"])) for view in pages["views"])
    assert {f"/marquee-intake/{page}" for page in ("upload", "import")} < set(pages["views"])
    assert {f"/marquee-data/{page}" for page in ("insights", "live", "data-docs", "dbt-docs")} < set(pages["views"])


def test_the_server_of_the_pages_stays_light(pages: dict[str, Any]) -> None:
    assert pages["heavy"] == []
