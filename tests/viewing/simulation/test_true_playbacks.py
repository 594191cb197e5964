"""What the simulation says is true is what the definitions make of its events, exactly."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from marquee.viewing.simulation.spec import USUAL_FAULTS, Spec
from marquee.viewing.simulation.true_sessions import sessions
from marquee.viewing.simulation.world import simulate
from tests.viewing.simulation import reference

SPEC = Spec(viewers=80, titles=60, days=5, start=date(2026, 3, 2), seed=5, visits=0.9)


@pytest.fixture(scope="module")
def world():
    return list(simulate(SPEC))


def whole(chunks, name):
    return pa.concat_tables([getattr(chunk, name) for chunk in chunks])


def by(rows, key):
    return {row[key]: row for row in rows}


def test_playbacks_are_what_the_events_say(world):
    true = by(whole(world, "playbacks").to_pylist(), "session_id")
    found = reference.playbacks(whole(world, "events").to_pylist())
    assert len(true) > 200
    assert found == true


def test_sessions_are_what_the_playbacks_say(world):
    playbacks = whole(world, "playbacks")
    true = by(sessions(playbacks).to_pylist(), "viewing_session_id")
    found = reference.sessions(playbacks.to_pylist())
    assert found == true
    assert any(row["playbacks"] > 1 for row in true.values())
    assert any(row["devices"] > 1 for row in true.values())


def test_mess_changes_nothing_of_what_is_true(world):
    messy = list(simulate(replace(SPEC, faults=USUAL_FAULTS)))
    assert whole(messy, "playbacks") == whole(world, "playbacks")
    rows = whole(messy, "events").to_pylist()
    assert len(rows) > whole(world, "events").num_rows * 1.03
    assert reference.playbacks(rows) == by(whole(world, "playbacks").to_pylist(), "session_id")


def test_every_kind_of_end_and_trouble_occurs():
    rows = whole(simulate(replace(SPEC, viewers=300)), "playbacks").to_pylist()
    for flag in ("exit_before_start", "start_failure", "fatal", "refused", "clean_end"):
        assert {row[flag] for row in rows} == {True, False}, flag
    assert any(row["rebuffer_ms"] for row in rows)
    assert any(len(row["stretches"]) > 1 for row in rows)
    assert any(row["watched_ms"] > row["covered_ms"] for row in rows)
