"""A shipper of edges' logs that is killed at any step and started again: each line arrives once."""

import json
import multiprocessing
import shutil
import signal

import pyarrow.parquet as pq
import pytest

from marquee.contracts.ids import new_id
from marquee.settings import settings
from marquee.viewing import lake
from marquee.viewing.edgelog.edge_log import EdgeLog
from marquee.viewing.eventlog.ship import ship
from tests.viewing.eventlog.conftest import killed_at

SESSION = new_id()
AT = 1_780_000_000


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("MARQUEE_HOME", str(tmp_path))
    settings.cache_clear()
    yield settings().edge_log
    monkeypatch.undo()
    settings.cache_clear()


def line(n: int) -> str:
    columns = {"at": AT, "request": f"{n:x}", "edge": "edge-a", "session": str(SESSION * (n % 2)), "method": "GET"}
    columns |= {"path": "/1/2/video/h264-720p/1.m4s", "status": 200, "bytes": n, "seconds": 0.1, "cache": "HIT"}
    return json.dumps(columns | {"upstream_seconds": "", "cmcd": ""})


def viewers(ids):
    return {id_: {"profile_id": 7, "origin": "demo", "title_id": 1} for id_ in ids}


def nobody(_):
    return {}


def an_edge_has_logged(root) -> None:
    for edge in ("edge-a", "edge-b"):
        (root / edge).mkdir(parents=True, exist_ok=True)
    (root / "edge-a" / f"{AT // 100}.open").write_text(f"{line(1)}\n{line(2)}\n")
    (root / "edge-b" / f"{AT // 100}.open").write_text(f"{line(3)}\nbad\n")


def in_a_process(step: int, root) -> int | None:
    def run() -> None:
        with killed_at(step):
            ship(root, EdgeLog(viewers))

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join(30)
    return process.exitcode


def test_each_line_arrives_once_and_a_viewer_deleted_meanwhile_is_not_named(root) -> None:
    step, ended = 0, -signal.SIGKILL
    while ended == -signal.SIGKILL:
        an_edge_has_logged(root)
        ended = in_a_process(step, root)
        committed = any(lake.shipments())
        ship(root, EdgeLog(nobody))
        assert ship(root, EdgeLog(nobody)) is None
        (shipment,) = lake.shipments()
        assert shipment.rows == {"edge_requests": 3, "dead_letters": 1}, step
        rows = [
            row
            for key in lake.store().keys("edge_requests")
            for row in pq.read_table(lake.store().fetch(key), partitioning=None).to_pylist()
        ]
        assert sorted(row["request_id"] for row in rows) == ["1", "2", "3"], step
        assert {row["session_id"] for row in rows} == ({None, SESSION} if committed else {None}), step
        shutil.rmtree(settings().home / "lake")
        step += 1
    assert ended == 0
    assert step > 10
