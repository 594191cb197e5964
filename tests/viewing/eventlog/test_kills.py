"""The real server, killed while it takes events."""

import asyncio

import pytest

from bench.api import kills, load, server


def test_no_acknowledged_event_is_lost_when_the_api_is_killed_again_and_again(catalogue: None) -> None:
    outcome = kills.run(server.sessions(8), kills=2, events_per_s=1000, workers=2, up_s=0.5)
    assert outcome.lost == 0
    assert outcome.copies == 0
    assert outcome.acknowledged > 200
    assert outcome.unanswered > 0, "no kill came at a bad moment"


def test_an_api_that_ends_in_good_order_leaves_only_closed_segments(catalogue: None) -> None:
    sessions = server.sessions(2)
    with server.serving() as running:
        left = iter(range(10))
        tally = asyncio.run(load.run(running.port, sessions, going=lambda: next(left, None) is not None))
    assert tally.events == 10 * load.BATCH
    log = server.settings().event_log
    assert len(list(log.glob("*/*.ndjson"))) == 1
    assert not list(log.glob("*/*.open"))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_eight_kills_under_two_thousand_events_a_second(catalogue: None) -> None:
    outcome = kills.run(server.sessions(16), kills=8, events_per_s=2000)
    assert outcome.lost == 0
    assert outcome.acknowledged > 4_000
