"""From what people watch to what they are shown, through Airflow: and back out again when a viewer leaves."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response

from marquee.contracts.rows import RowKind
from marquee.viewing.edgelog.closing import LATE_S, SLOT_S
from tests.e2e.conftest import Platform, Viewer, failures, signed_in, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

FILMS, VIEWERS = 3, 120
BROWSERS, AT_ONCE = 20, 5  # sessions, and pages open together
WHOLE = """(() => { if (!window.marquee) return ""; const { video, player } = window.marquee;
    const last = video.buffered.length;
    const whole = last && video.played.length && video.buffered.end(last - 1) > video.duration - 0.3;
    return whole ? player.getConfiguration().cmcd.sessionId : ""; })()"""
MARTS, MODEL, DEMAND, SHIP = "viewing_marts", "nightly_recommender", "demand_warmup", "ship_events"


def carry(platform: Platform, dag: str, conf: dict[str, Any] | None = None) -> str:
    """Run a DAG to its end; the run's id."""
    run = platform.airflow.trigger(dag, conf or {})
    state = platform.finish(run, dag=dag, timeout_s=600)
    assert state == "success", failures(platform.airflow.tasks(dag, run))
    return run


def states(platform: Platform, dag: str, run: str) -> dict[str, str]:
    return {task["task_id"]: task["state"] for task in platform.airflow.tasks(dag, run)}


def as_simulated(platform: Platform, profile_id: int) -> dict[str, str]:
    """The headers of a simulated viewer: an account of one that nobody signs in to, so the test makes its token."""
    who = str(profile_id)  # the account has the same id
    claims = {"aud": "access", "sub": who, "did": "1", "pid": who, "exp": time.time() + 600}
    return {"Authorization": f"Bearer {jwt.encode(claims, platform.settings.secret('token_key'))}"}


def sql(platform: Platform, query: str) -> list[str]:
    """Rows of the marts, as CSV without the head."""
    return platform.marquee("sql", "--format", "csv", query).stdout.strip().splitlines()[1:]


@dataclass
class Watched:
    """A session of a browser: the pieces that it asked for and those that came whole, by path; and their bytes.

    `reports` are its requests to the event log, and what became of each.
    """

    session_id: int
    asked: Counter[str]
    came: Counter[str]
    size: int
    reports: Callable[[], list[str]]


@pytest.fixture(scope="module")
def watched(platform: Platform, film: str, browser: Browser) -> list[Watched]:
    """Sessions in a browser, to the last piece; the last of them is cut off from the API's event log."""
    context = browser.new_context(viewport={"width": 640, "height": 360}, bypass_csp=True)
    signed_in(context, platform).close()
    seen = [session for _ in range(BROWSERS // AT_ONCE) for session in _watch_together(context, platform, film)]
    _await_the_last_events(platform, seen)
    seen += _watch_together(context, platform, film, pages=1, beacons=False)
    context.close()
    return seen


def _await_the_last_events(platform: Platform, seen: list[Watched]) -> None:
    """Until the API has written down that each session has ended."""

    def not_ended() -> set[int]:
        ended = {event["session_id"] for event in platform.events() if event["name"] == "viewend"}
        return {session.session_id for session in seen} - ended

    def told() -> str:
        lacking = not_ended()
        events = [event for event in platform.events() if event["session_id"] in lacking]
        kept = sorted((event["session_id"], event["seq"], event["name"]) for event in events)
        asked = {session.session_id: session.reports() for session in seen if session.session_id in lacking}
        return f"the last events; kept are {kept}, and the pages' requests were {asked}"

    until(lambda: not not_ended(), 60, told)


def _watch_together(
    context: BrowserContext, platform: Platform, film: str, *, pages: int = AT_ONCE, beacons: bool = True
) -> list[Watched]:
    opened = [Opened(context.new_page()) for _ in range(pages)]
    for each in opened:
        if not beacons:
            each.page.route("**/v1/events", lambda route: route.abort())
            each.page.add_init_script("navigator.sendBeacon = () => true")
        each.page.goto(f"http://localhost:{platform.settings.port_api}/watch/{film}?restart", wait_until="commit")
    return [each.watch_all() for each in opened]


class Opened:
    """A page, and what it asks for from the beginning to the end."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._asked: list[Request] = []
        self._answered: list[Response] = []
        self._done: set[Request] = set()
        page.on("request", lambda request: self._asked.append(request))
        page.on("response", lambda response: self._answered.append(response))
        page.on("requestfinished", lambda request: self._done.add(request))

    def watch_all(self) -> Watched:
        """Wait until the whole title has come and some of it has been played, then leave."""
        session = int(until(lambda: self.page.evaluate(WHOLE), 120, "all of it has come"))
        self.page.goto("about:blank")  # and stays open: what it sends at the end is still on its way
        came = [each for each in self._answered if each.ok and each.request in self._done and _piece(each.request)]
        size = sum(int(each.headers["content-length"]) for each in came)
        asked = Counter(piece for request in self._asked if (piece := _piece(request)))
        return Watched(session, asked, Counter(_piece(each.request) for each in came), size, self.reports)

    def reports(self) -> list[str]:
        answers = {each.request: str(each.status) for each in self._answered}
        return [
            f"{request.resource_type}: {answers.get(request) or request.failure or 'no answer yet'}"
            for request in self._asked
            if request.url.endswith("/v1/events")
        ]


def _piece(request: Request) -> str:
    """The path of a piece of video or sound without its token; empty for any other request."""
    found = re.search(r"/m/[^/]+(/\d+/\d+/(?:video|audio)/[^?]+)", request.url)
    return found[1] if found and request.method == "GET" else ""


@pytest.fixture(scope="module")
def somebody(platform: Platform, watched: list[Watched]) -> Viewer:
    """A real viewer of a platform with films, simulated viewers, marts and a published model, all made by the DAGs."""
    assert len(watched) > BROWSERS
    last = max(int(file.stem) for file in platform.settings.edge_log.glob("*/*.open"))
    platform.marquee("demo-films", "--films", str(FILMS))
    platform.marquee("simulate", "--viewers", str(VIEWERS), "--days", "10")
    title = platform.get("/v1/titles").json()["items"][0]
    assert platform.viewer  # who stays when somebody leaves
    viewer = platform.another_profile("Somebody", languages=["en"], picks=[title["title_id"]])
    watch(platform, viewer, title)
    before = set(runs(platform, MARTS))
    until(lambda: time.time() > (last + 1) * SLOT_S + LATE_S, SLOT_S + LATE_S, "the edges' files are over")
    carry(platform, SHIP)
    assert platform.finish(awaited(platform, before), dag=MARTS, timeout_s=600) == "success"
    for dag in (MODEL, DEMAND):
        carry(platform, dag)
    return viewer


@pytest.fixture(scope="module")
def audience(platform: Platform, somebody: Viewer) -> Platform:
    """The platform, once all that is made."""
    return platform


def test_a_model_fills_the_rows(audience: Platform) -> None:
    rows = audience.rows("select id from profiles where origin = 'simulated' order by id limit 12")
    assert len(rows) == 12
    pages = [
        audience.ask("GET", f"/v1/profiles/{profile}/rows", headers=as_simulated(audience, profile)).json()
        for (profile,) in rows
    ]
    assert {page["generation"] for page in pages} == {str(audience.rows("select id from generations where live")[0][0])}
    kinds = {row["kind"] for page in pages for row in page["rows"]}
    assert RowKind.TOP10 in kinds
    assert {RowKind.FOR_YOU, RowKind.BECAUSE} & kinds
    shown = {t["title_id"] for t in audience.get("/v1/titles?limit=100").json()["items"]}
    assert {item["title_id"] for page in pages for row in page["rows"] for item in row["items"]} <= shown


def test_marts_say_who_was_counted(audience: Platform) -> None:
    told = dict(line.split(",", 1) for line in sql(audience, "select key, value from about"))
    assert told["audience"] == "all"
    (plays, viewers) = sql(audience, "select sum(plays), count(distinct profile_id) from viewing_history")[0].split(",")
    assert int(plays) > int(viewers) > VIEWERS / 2


def test_every_piece_that_an_edge_served_is_found_in_its_session(audience: Platform, watched: list[Watched]) -> None:
    *heard, silent = watched
    for session in watched:
        rows = lake_rows(audience, "edge_requests", "session_id", session.session_id)
        media = [row for row in rows if row["kind"] in ("video", "audio")]
        served = Counter(row["path"] for row in media)
        assert session.came <= served <= session.asked  # what lies between was broken off, for another rendition
        assert {row["cmcd_session_id"] for row in media} == {session.session_id}
        assert {row["cmcd_version"] for row in media} == {2}
        assert all(row["object_duration_ms"] for row in media if row["segment"])
    columns = "sum(segments), sum(viewer_segments), sum(viewer_bytes), sum(media_bytes), string_agg(disagreement, ' ')"
    lines = sql(audience, f"select session_id, {columns} from edge_sessions group by session_id")
    told = dict(line.split(",", 1) for line in lines)
    for session in heard:
        segments, viewer_segments, viewer_bytes, media_bytes, disagreements = told[str(session.session_id)].split(",")
        assert (int(viewer_segments), int(viewer_bytes)) == (session.came.total(), session.size)
        assert session.came.total() <= int(segments) <= session.asked.total()
        assert int(media_bytes) >= session.size
        assert set(disagreements.split()) == {"none"}
    total = "sum(segments) - sum(viewer_segments), sum(segments)"
    (more,) = sql(audience, f"select {total} from edge_sessions where viewer_segments > 0 and origin <> 'simulated'")
    assert int(more.split(",")[0]) <= 0.1 * int(more.split(",")[1])
    where = f"from edge_sessions where session_id = {silent.session_id}"
    assert sql(audience, f"select distinct disagreement {where}") == ["missing_beacons"]
    assert sql(audience, f"select (sum(segments) >= {silent.came.total()})::int, count(events) {where}") == ["1,0"]
    assert int(sql(audience, "select count(distinct session_id) from edge_sessions where origin = 'simulated'")[0]) > 20


def test_demand_is_forecast_and_warmed(audience: Platform) -> None:
    assert audience.rows("select count(*) from demand_forecasts")[0][0] > 0
    (run,) = audience.airflow.call("GET", f"/dags/{DEMAND}/dagRuns", params={"order_by": "id", "limit": 1})["dag_runs"]
    warmed = [t for t in audience.airflow.tasks(DEMAND, run["dag_run_id"]) if t["task_id"] == "warm"]
    assert len(warmed) >= 2  # a title at both edges
    assert {t["state"] for t in warmed} == {"success"}


def test_nothing_new_is_nothing_to_do(audience: Platform) -> None:
    run = carry(audience, MARTS)
    assert states(audience, MARTS, run)["build_marts"] == "skipped"


def test_real_viewing_reaches_the_marts_and_a_deleted_viewer_leaves_everything(
    audience: Platform, somebody: Viewer
) -> None:
    profile = somebody.profile_id
    history = f"select plays, watched_s, completed from viewing_history where profile_id = {profile}"
    assert sql(audience, history) == ["1,6.0,False"]
    assert profile in held(audience)  # so that what follows can fail

    audience.ask("DELETE", somebody.path(), headers=audience.viewer.headers)
    assert not [place for place in in_catalogue(audience, profile) if place != "deleted_profiles"]
    carry(audience, MARTS)
    assert sql(audience, history) == []
    carry(audience, MODEL)
    assert profile not in held(audience)
    assert in_catalogue(audience, profile) == ["deleted_profiles"]


def watch(platform: Platform, viewer: Viewer, title: dict[str, Any]) -> None:
    """Six seconds of a title, as a player would report them."""
    wish = {"title_id": title["title_id"], "capabilities": {"codecs": [], "drm": []}}
    headers = viewer.headers | {"Idempotency-Key": f"watch-{viewer.profile_id}"}
    session = platform.ask("POST", "/v1/playback-sessions", json=wish, headers=headers).json()["session_id"]
    clock = int(time.time() * 1000)
    course = [("viewstart", 0, 0), ("firstframe", 400, 0), ("playing", 400, 0), ("heartbeat", 3_400, 3_000)]
    course += [("pause", 6_400, 6_000), ("viewend", 7_000, 6_000)]
    events = [
        {"session_id": session, "seq": n, "name": name, "viewer_time_ms": clock + after, "position_ms": position}
        for n, (name, after, position) in enumerate(course)
    ]
    assert platform.ask("POST", "/v1/events", json={"events": events}).json()["accepted"] == len(events)


def runs(platform: Platform, dag: str) -> list[str]:
    found = platform.airflow.call("GET", f"/dags/{dag}/dagRuns", params={"order_by": "-id", "limit": 20})["dag_runs"]
    return [run["dag_run_id"] for run in found]


def awaited(platform: Platform, before: set[str]) -> str:
    """The run that an asset's event has started."""

    def new() -> list[str]:
        return [run for run in runs(platform, MARTS) if run not in before]

    return str(until(new, 90, "what was shipped wakes the marts", every_s=0.5)[0])


def lake_rows(platform: Platform, table: str, column: str, value: int) -> list[dict[str, Any]]:
    files = [pq.ParquetFile(path).read() for path in (platform.settings.home / "lake" / table).rglob("*.parquet")]
    return [row for file in files for row in file.filter(pc.field(column) == value).to_pylist()]


def held(platform: Platform) -> set[str]:
    """Every number in every Parquet file and in the DuckDB file: where an id would be."""
    return {number for path in platform.settings.home.rglob("*.parquet") for number in numbers(path)} | set(
        numbers_of_marts(platform)
    )


def numbers(path: Path) -> Iterator[str]:
    table = pq.ParquetFile(path).read()
    for name in table.column_names:
        if str(table.schema.field(name).type) == "int64":
            yield from map(str, table[name].unique().to_pylist())


def numbers_of_marts(platform: Platform) -> Iterator[str]:
    tables = sql(
        platform,
        "select table_schema || '.' || table_name from information_schema.columns where column_name = 'profile_id'",
    )
    yield from sql(platform, " union ".join(f"select profile_id from {table}" for table in tables))


def in_catalogue(platform: Platform, profile: str) -> list[str]:
    """The tables of the catalogue that name the profile."""
    columns = platform.rows(
        "select table_name, column_name from information_schema.columns where table_schema = 'public'"
        " and (column_name = 'profile_id' or (table_name, column_name) = ('profiles', 'id'))"
    )
    return sorted(
        {
            table
            for table, column in columns
            if platform.rows(f'select 1 from "{table}" where "{column}" = %s limit 1', int(profile))
        }
        - {table for table, _ in columns if table.startswith("recommendations_")}
    )
