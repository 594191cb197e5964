"""Playbacks and sessions equal the slow plain reference, whatever order, copies and clocks the events come with."""

import random

import pytest

from marquee.contracts.lake import EVENTS, PLAYBACKS, SESSIONS
from spark_jobs import playbacks, sessions
from tests.spark_jobs import reference
from tests.spark_jobs.streams import DAY_ONE, event, messed, midnight_ms, session_id, viewing, wild

NOON = midnight_ms(DAY_ONE) + 12 * 3_600_000
ID = session_id(NOON, 1)


@pytest.mark.parametrize("seed", [1, 2])
def test_wild_streams_equal_the_reference(frame, rows, seed):
    rng = random.Random(seed)
    events = [row for number in range(400) for row in wild(rng, number)]
    expected = reference.playbacks(events)
    found = rows(PLAYBACKS, playbacks.transform(frame(EVENTS, messed(rng, events))))
    assert found == expected
    assert rows(SESSIONS, sessions.transform(frame(PLAYBACKS, found))) == reference.sessions(expected)
