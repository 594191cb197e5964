"""What simulated edges log: all that was watched, once, and every failure of the network that a player tells of."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

import pytest

from marquee.viewing.simulation.edge_requests import SEGMENT_MS, TIMED_OUT
from marquee.viewing.simulation.networks import RUNGS
from marquee.viewing.simulation.spec import Spec
from marquee.viewing.simulation.world import simulate

SPEC = Spec(viewers=150, titles=20, days=4, start=date(2026, 3, 2), seed=4, edge_days=2)


@pytest.fixture(scope="module")
def world():
    chunks = list(simulate(SPEC))
    parts = ("events", "requests", "reports", "playbacks")
    return {name: [row for chunk in chunks for row in getattr(chunk, name).to_pylist()] for name in parts}


def by_session(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["session_id"]].append(row)
    return found


def test_what_was_watched_was_fetched_and_nothing_else(world):
    served = by_session(world["requests"])
    watched = [row for row in world["playbacks"] if row["started_ms"] >= SPEC.edges_from_ms]
    assert len(watched) > 100
    for playback in watched:
        needed = {
            piece
            for stretch in playback["stretches"]
            for piece in range(stretch["from_ms"] // SEGMENT_MS, (stretch["to_ms"] - 1) // SEGMENT_MS + 1)
        }
        sent = {row["segment"] - 1 for row in served[playback["session_id"]] if row["status"] == 200}
        assert sent == needed
    assert set(served) <= {row["session_id"] for row in watched}


def test_an_edge_has_seen_the_failures_that_players_tell_of_and_no_others(world):
    told = {
        (row["session_id"], row["edge"])
        for row in world["events"]
        if row["error_category"] == "network" and row["edge"] and row["received_ms"] >= SPEC.edges_from_ms
    }
    seen = {(row["session_id"], row["edge"]) for row in world["requests"] if row["status"] == TIMED_OUT}
    assert seen
    assert {pair for pair in told if pair[0] in by_session(world["requests"])} == seen


def test_requests_are_possible(world):
    sizes = {name: bitrate * SEGMENT_MS // 8_000 for name, bitrate in RUNGS}
    assert len({row["request_id"] for row in world["requests"]}) == len(world["requests"])
    for row in world["requests"]:
        assert row["bytes"] == (sizes[row["rendition"]] if row["status"] == 200 else 0)
        assert (row["upstream_ms"] is None) == (row["cache"] == "HIT")
        assert row["ms"] >= (row["upstream_ms"] or 0)
    hits = sum(row["cache"] == "HIT" for row in world["requests"]) / len(world["requests"])
    assert 0.85 < hits < 0.97


def test_players_report_what_came(world):
    served = defaultdict(lambda: [0, 0])
    for row in world["requests"]:
        if row["status"] == 200:
            count = served[row["session_id"], row["edge"]]
            count[0] += 1
            count[1] += row["bytes"]
    assert {(r["session_id"], r["edge"]): [r["segments"], r["bytes"]] for r in world["reports"]} == served


def test_edges_log_on_the_days_that_were_asked_for():
    spec = replace(SPEC, viewers=20, edge_days=0)
    assert not any(chunk.requests.num_rows or chunk.reports.num_rows for chunk in simulate(spec))
