"""Bodies for the API: what players would send, and what nobody should."""

import pytest
from pydantic import ValidationError

from marquee.contracts.events import EventBatch
from marquee.contracts.ids import new_id
from marquee.viewing.simulation.delivery_faults import malformed
from marquee.viewing.simulation.event_bodies import Opened, posts

SESSIONS = [Opened(new_id(), 90_000 * n) for n in range(1, 30)]


def test_bodies_are_batches_as_the_contract_has_them():
    bodies = list(posts(SESSIONS))
    events = [event for body in bodies for event in EventBatch.model_validate_json(body).events]
    assert {event.session_id for event in events} == {one.session_id for one in SESSIONS}
    for one in SESSIONS:
        own = [event for event in events if event.session_id == one.session_id]
        assert [event.seq for event in own] == list(range(len(own)))
        assert all(event.position_ms <= one.duration_ms for event in own)


def test_the_same_sessions_give_the_same_bodies():
    assert list(posts(SESSIONS)) == list(posts(SESSIONS))
    assert list(posts(SESSIONS)) != list(posts(SESSIONS, seed=2))


def test_malformed_bodies_are_wrong_in_many_ways():
    bodies = list(malformed(1, 16))
    assert bodies == list(malformed(1, 16))
    reasons = set()
    for body in bodies:
        if b'"viewer_time_ms": 5,' in body:
            continue  # a time that the log's door refuses, not the schema
        with pytest.raises(ValidationError) as caught:
            EventBatch.model_validate_json(body)
        reasons.add(str(caught.value.errors()[0]["type"]))
    assert len(reasons) >= 3
