"""The streaming job: figures per minute and edge, the same however the segments come, going on from its checkpoint."""

import json
from datetime import UTC, datetime

import psycopg
import pytest

from marquee.settings import settings
from spark_jobs import live
from tests.spark_jobs.streams import DAY_ONE, event, midnight_ms, session_id, viewing

NOON = midnight_ms(DAY_ONE) + 12 * 3_600_000


@pytest.fixture
def follow(spark, catalogue):
    """Write segments, let the job read all there is, and return {(minute, metric, edge): value}."""

    def run(*segments):
        folder = settings().event_log / "writer"
        folder.mkdir(parents=True, exist_ok=True)
        for rows in segments:
            lines = [json.dumps({"table": "events", **row}) for row in rows]
            number = len(list(folder.iterdir()))
            (folder / f"{number:06d}.ndjson").write_text("\n".join([*lines, '{"table":"browse","visit_id":1}', ""]))
        live.start(spark, lambda writer: writer.trigger(availableNow=True)).awaitTermination()
        with psycopg.connect(settings().database().replace("+psycopg", "")) as connection:
            found = connection.execute("select minute, metric, edge, value from live_metrics").fetchall()
        return {(int((at - NOON_AT).total_seconds() // 60), metric, edge): value for at, metric, edge, value in found}

    return run


NOON_AT = datetime.fromtimestamp(NOON / 1000, UTC)


def test_minutes_are_counted_by_edge_and_in_all(follow):
    a = [row | {"edge": "edge-a"} for row in viewing(NOON, 1, 90, device="tv")]
    b = [row | {"edge": "edge-b"} for row in viewing(NOON + 1_000, 2, 45)]
    stalled = session_id(NOON, 3)
    c = [
        event(stalled, 0, "heartbeat", NOON + 1_000, 5_000, edge="edge-a"),
        event(stalled, 1, "rebufferstart", NOON + 11_000, 15_000),
        event(stalled, 2, "rebufferend", NOON + 14_000, 15_000),
        event(stalled, 3, "error", NOON + 24_000, 25_000, error_fatal=True),
    ]
    found = follow([*a, *b[:2]], [*c, *b[2:], *b])
    assert {edge: found[0, "viewers", edge] for edge in ("*", "edge-a", "edge-b")} == {"*": 3, "edge-a": 2, "edge-b": 1}
    assert found[0, "starts", "*"] == 2
    assert found[0, "startup_p50_ms", "edge-b"] == 400
    assert found[0, "failures", "edge-a"] == 1
    assert found[0, "failures", "edge-b"] == 0
    assert found[1, "viewers", "*"] == 1
    assert found[0, "rebuffer_ratio", "edge-a"] == pytest.approx(3 / (3 + 20 + 30))
    assert found[1, "rebuffer_ratio", "edge-a"] == 0
    assert found[0, "rebuffer_ratio", "edge-b"] == 0


def test_it_goes_on_where_it_was(follow):
    assert follow() == {}  # there is no segment yet
    first = follow(viewing(NOON, 1, 50))
    assert follow() == first
    more = follow(viewing(NOON + 2_000, 2, 50))
    assert more[0, "viewers", "*"] == first[0, "viewers", "*"] + 1
