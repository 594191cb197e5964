"""What a real edge logs, carried into the lake: every line arrives, once, beside its session."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from urllib.parse import quote

import httpx
import pyarrow.parquet as pq
import pytest

from marquee.content.edge.nginx import edge_conf
from marquee.contracts.ids import new_id
from marquee.contracts.lake import DEAD_LETTERS, EDGE_REQUESTS, TABLES, partition_of
from marquee.settings import settings
from marquee.viewing import lake
from marquee.viewing.edgelog.edge_log import EdgeLog
from marquee.viewing.eventlog.ship import ship
from tests.content.edge.conftest import Server, free_address, user
from tests.http_servers import HttpServer

CMCD = 'bl=(12000),br=(3000),bs,cid="101",d=4000,mtp=(25000),ot=v,sf=d,sid="{}",sn=7,st=v,v=2'


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def edge(network, tmp_path) -> Iterator[Server]:
    """An edge that logs below a folder of its own, as installations have it."""
    address, folder = free_address(), tmp_path / "edge-log" / "edge-l"
    folder.mkdir(parents=True)
    origins = (network.regions["eu"].address,)
    conf = edge_conf("edge-l", address, origins, api=network.api.address, user=user(), log_folder=folder, workers="2")
    server = Server(tmp_path / "edge", conf, address)
    server.start()
    yield server
    server.stop()


def known(ids):
    return {id_: {"profile_id": id_ % 1000, "origin": "demo", "title_id": 101} for id_ in ids}


def shipped(root, viewers=known):
    """Ship all that there is, as if some minutes had passed."""
    return ship(root, EdgeLog(viewers, now=lambda: time.time() + 1000))


def rows(table=EDGE_REQUESTS):
    found = []
    for key in lake.store().keys(table.name):
        content = pq.read_table(lake.store().fetch(key), partitioning=None)
        assert content.schema.equals(lake.schema(TABLES[table.name]))
        dt, hour = key.split("/")[1:3]
        found += [row | {"partition": (dt, hour)} for row in content.to_pylist()]
    return found


def lines(root):
    return [line for path in root.rglob("*.open") for line in path.read_bytes().splitlines()]


def test_every_request_becomes_a_row_of_its_session(network, edge, until):
    session, root = new_id(), edge.prefix.parent / "edge-log"
    url = network.url("video/h264-720p/2.m4s", session=session).replace(network.edges["a"].url, edge.url)
    said = quote(CMCD.format(session), safe="")
    first, second = httpx.get(f"{url}?CMCD={said}"), httpx.get(url)
    assert (first.headers["X-Cache-Status"], second.headers["X-Cache-Status"]) == ("MISS", "HIT")
    assert httpx.get(url.replace("2.m4s", "77.m4s")).status_code == 404
    assert httpx.get(f"{edge.url}/nothing/%ff%00here").status_code == 400
    assert httpx.get(f"{edge.url}/nothing/%ffhere").status_code == 404
    warmed = network.url("audio/en-aac-stereo/init.mp4", session=0).replace(network.edges["a"].url, edge.url)
    httpx.get(warmed)
    until(lambda: len(lines(root)) == 6)
    assert json.loads(lines(root)[0])["cmcd"] == said

    shipment = shipped(root)
    assert shipment
    assert (shipment.source, shipment.rows) == ("edges", {"edge_requests": 6})
    found = rows()
    assert len({row["request_id"] for row in found}) == 6
    own = sorted((row for row in found if row["session_id"] == session), key=lambda row: row["at_ms"])
    dt, hour = partition_of(session)
    assert {row["partition"] for row in own} == {(f"dt={dt}", f"hour={hour}")}
    assert [(r["status"], r["kind"], r["rendition"], r["segment"], r["cache"]) for r in own] == [
        (200, "video", "h264-720p", 2, "MISS"),
        (200, "video", "h264-720p", 2, "HIT"),
        (404, "video", "h264-720p", 77, "MISS"),
    ]
    assert {(row["edge"], row["profile_id"], row["origin"], row["title_id"]) for row in own} == {
        ("edge-l", session % 1000, "demo", 101)
    }
    assert own[0]["bytes"] == own[1]["bytes"] == 4000
    columns = (
        "cmcd_version",
        "cmcd_session_id",
        "sequence",
        "object_duration_ms",
        "bitrate",
        "buffer_ms",
        "throughput",
    )
    assert [own[0][c] for c in columns] == [2, session, 7, 4000, 3_000_000, 12_000, 25_000_000]
    assert own[0]["starved"] is True
    assert [own[1][c] for c in columns] == [None] * 7
    assert abs(own[0]["at_ms"] / 1000 - time.time()) < 60
    assert own[0]["upstream_ms"] is not None
    others = [row for row in found if row["session_id"] is None]
    assert len(others) == 3
    assert {row["profile_id"] for row in others} == {None}
    assert list(root.rglob("*.open")) == list(root.rglob("*.ndjson")) == []
    assert shipped(root) is None


def test_what_a_deleted_viewer_was_served_names_no_session(network, edge, until):
    session, root = new_id(), edge.prefix.parent / "edge-log"
    httpx.get(network.url("video/h264-720p/2.m4s", session=session).replace(network.edges["a"].url, edge.url))
    until(lambda: len(lines(root)) == 1)
    shipped(root, viewers=lambda _: {})
    (row,) = rows()
    assert (row["session_id"], row["profile_id"], row["status"]) == (None, None, 200)
    dt, hour = partition_of(session)
    assert row["partition"] == (f"dt={dt}", f"hour={hour}")  # as on a run that was killed before the deletion


def test_cmcd_is_no_part_of_the_cache_key_and_never_reaches_the_origin(network, tmp_path, until):
    asked: list[str] = []

    class Origin(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers}")
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"bytes")

        def log_message(self, *_: object) -> None:
            pass

    origin = HttpServer(Origin).start()
    address, behind = free_address(), f"127.0.0.1:{origin.server_port}"
    conf = edge_conf("edge-o", address, (behind,), api=network.api.address, user=user(), access_log="/dev/null")
    edge = Server(tmp_path / "edge", conf, address)
    edge.start()
    try:
        url = network.url("video/h264-720p/1.m4s").replace(network.edges["a"].url, edge.url)
        answers = [httpx.get(f"{url}?CMCD={quote(CMCD.format(n), safe='')}") for n in range(5)]
    finally:
        edge.stop()
        origin.stop()
    assert [answer.headers["X-Cache-Status"] for answer in answers] == ["MISS", *["HIT"] * 4]
    assert len(asked) == 1
    assert "CMCD" not in asked[0].upper()
    assert all(session not in str(network.api.asked) for session in ("CMCD", "sid"))


def test_an_edge_goes_on_logging_while_its_files_are_shipped(network, edge, until):
    """Files are closed under its hands, again and again, and no line is lost or comes twice."""
    root, session, done = edge.prefix.parent / "edge-log", new_id(), threading.Event()
    url = network.url("video/h264-720p/3.m4s", session=session).replace(network.edges["a"].url, edge.url)

    def watch() -> None:
        with httpx.Client() as client:
            for _ in range(300):
                client.get(url)
        done.set()

    viewer = threading.Thread(target=watch)
    viewer.start()
    while not done.is_set():
        ship(root, EdgeLog(known))  # closes what is over: nothing yet
    viewer.join()
    until(lambda: len(lines(root)) == 300)
    shipped(root)
    assert len({row["request_id"] for row in rows()}) == len(rows()) == 300


def test_bad_lines_are_put_aside_and_counted(tmp_path):
    root = tmp_path / "log"
    (root / "edge-z").mkdir(parents=True)
    session = new_id()
    good = {
        "time": "x", "at": session_s(session), "request": "ab12", "edge": "edge-z", "session": str(session),
        "method": "GET", "path": "/1/2/audio/en-aac-stereo/4.m4s", "status": 200, "bytes": 9, "seconds": 0.25,
        "cache": "MISS", "upstream_status": "200", "upstream_seconds": "2.001, 0.010", "cmcd": "", "later": "field",
    }  # fmt: skip
    bad = [
        good | {"status": "200"}, good | {"at": -5}, good | {"session": "x1"}, good | {"edge": ""},
        good | {"session": "9999999999999999999"}, [good], good | {"bytes": -1},
    ]  # fmt: skip
    content = "\n".join(json.dumps(line) for line in [good, *bad])
    (root / "edge-z" / "17000000.open").write_text(f"{content}\nnot json\n\n{json.dumps(good)[:-20]}")
    shipment = shipped(root)
    assert shipment
    assert shipment.rows == {"edge_requests": 1, "dead_letters": len(bad) + 3}
    (row,) = rows()
    assert (row["ms"], row["upstream_ms"], row["kind"], row["segment"]) == (250, 2011, "audio", 4)
    letters = [
        pq.read_table(lake.store().fetch(key), partitioning=None).to_pylist()
        for key in lake.store().keys(DEAD_LETTERS.name)
    ]
    reasons = [letter["reason"].split(":")[0] for part in letters for letter in part]
    assert {"status", "at", "session", "edge", "bytes", "line"} <= set(reasons)


def session_s(session):
    return (session >> 22) / 1000 + 1_577_836_800
