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


def failing(number: int, minute: int, edge: str) -> list[dict]:
    """A session that names its edge and ends with an error before the first frame."""
    at, session = NOON + minute * 60_000 + number, session_id(NOON + minute * 60_000, number)
    rows = [event(session, n, name, at + n, 0, edge=edge) for n, name in enumerate(("viewstart", "manifestloaded"))]
    error = {"error_fatal": True, "error_category": "network", "error_code": "1002"}
    return [*rows, event(session, 2, "error", at + 9_000, 0, edge=edge, **error)]


def good(number: int, minute: int, edge: str) -> list[dict]:
    return [row | {"edge": edge} for row in viewing(NOON + minute * 60_000 + number, number, 20)]


def test_an_edge_at_which_starts_fail_raises_alarms_until_it_is_well_again(follow):
    well = [row for n in range(60) for row in good(n, 0, "edge-a")]
    ill = [row for n in range(100, 160) for row in good(n, 0, "edge-b")]
    ill += [row for n in range(200, 205) for row in failing(n, 0, "edge-b")]
    later = [row for n in range(300, 360) for row in good(n, 11, "edge-b")]
    refused = event(session_id(NOON, 400), 0, "error", NOON + 5_000, 0, edge="edge-a", error_fatal=True)
    refused |= {"error_business": True, "error_category": "policy", "error_code": "too-many-streams"}
    found = follow([*well, refused], [*ill], later)
    assert [found[0, "start_failures", edge] for edge in ("*", "edge-a", "edge-b")] == [5, 0, 5]
    assert found[0, "error:network/1002", "edge-b"] == 5
    assert (0, "error:policy/too-many-streams", "edge-a") not in found
    assert found[0, "rate:start_failures", "edge-b"] == pytest.approx(5 / 65)
    for alarm in ("alarm:start_failures", "alarm:error:network/1002"):
        assert found[0, alarm, "edge-b"] == 1
        assert found.get((0, alarm, "edge-a"), 0) == 0
        assert found.get((11, alarm, "edge-b"), 0) == 0
    assert found[0, "alarm:start_failures", "*"] == 1
    assert {value for (_, metric, _), value in found.items() if metric == "alarm:rebuffering"} == {0}
