"""The simulated world: the same by seed however it is made, and as the contracts say."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from marquee.contracts.errors import InvalidInput
from marquee.contracts.events import EventName
from marquee.contracts.ids import created_ms
from marquee.contracts.lake import BROWSE, EVENTS, PLAYBACKS, partition_of
from marquee.viewing.lake import schema
from marquee.viewing.simulation import habits
from marquee.viewing.simulation.profile_rows import profiles
from marquee.viewing.simulation.spec import DAY_MS, MINUTE_MS, USUAL_FAULTS, Spec
from marquee.viewing.simulation.titles import simulated_titles
from marquee.viewing.simulation.viewers import make_viewers, stream_ids
from marquee.viewing.simulation.world import simulate

SPEC = Spec(viewers=70, titles=40, days=5, start=date(2026, 3, 2), seed=9, visits=0.9)


@pytest.fixture(scope="module")
def world():
    return list(simulate(SPEC))


def whole(chunks, name):
    return pa.concat_tables([getattr(chunk, name) for chunk in chunks])


def rows(chunks, name):
    return whole(chunks, name).to_pylist()


def content(chunks):
    """Every byte of every table, hour by hour."""
    sink = pa.BufferOutputStream()
    for chunk in chunks:
        for table in (chunk.events, chunk.browse, chunk.playbacks):
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table.combine_chunks())
    return sink.getvalue().to_pybytes()


def test_the_same_seed_gives_the_same_bytes_in_batches_of_any_size(world):
    assert content(simulate(SPEC, batch=9)) == content(world)
    assert content(simulate(replace(SPEC, seed=10))) != content(world)
    few = replace(SPEC, viewers=12)
    assert content(simulate(few, batch=1)) == content(simulate(few))


def test_mess_is_the_same_by_seed_too():
    spec = replace(SPEC, faults=USUAL_FAULTS, days=2)
    assert content(simulate(spec)) == content(simulate(spec, batch=7))


def test_a_viewer_does_not_depend_on_how_many_others_there_are(world):
    fewer = whole(simulate(replace(SPEC, viewers=30)), "playbacks").to_pylist()
    theirs = {row["profile_id"] for row in fewer}
    assert fewer == [row for row in rows(world, "playbacks") if row["profile_id"] in theirs]


def test_tables_are_as_the_lake_has_them(world):
    for name, table in (("events", EVENTS), ("browse", BROWSE), ("playbacks", PLAYBACKS)):
        assert whole(world, name).schema == schema(table)
        assert {row["origin"] for row in rows(world, name)} == {"simulated"}


def test_streams_lie_whole_in_the_partition_of_their_id(world):
    for chunk in world:
        for name, key in (("events", "session_id"), ("browse", "visit_id"), ("playbacks", "session_id")):
            for stream in set(getattr(chunk, name)[key].to_pylist()):
                assert partition_of(stream) == (chunk.dt, chunk.hour)


def test_no_id_is_given_twice(world):
    playbacks = [row["session_id"] for row in rows(world, "playbacks")]
    visits = {row["visit_id"] for row in rows(world, "browse")}
    assert len(set(playbacks)) == len(playbacks)
    assert visits.isdisjoint(playbacks)
    same_ms = stream_ids(SPEC, "stream", np.full(1000, SPEC.start_ms), np.arange(1000))
    assert len(set(same_ms.tolist())) == 1000
    people = make_viewers(SPEC, 0, 70)
    assert len(set(people.ids.tolist())) == 70
    assert [created_ms(i) for i in people.ids.tolist()] == people.created_ms.tolist()


def test_events_obey_the_rules_of_players(world):
    sessions = {}
    for row in rows(world, "events"):
        sessions.setdefault(row["session_id"], []).append(row)
    for events in sessions.values():
        assert [e["seq"] for e in events] == list(range(len(events)))
        assert events[0]["name"] == EventName.VIEW_START
        assert events[0]["viewer_time_ms"] == created_ms(events[0]["session_id"])
        for a, b in pairwise(events):
            assert 0 <= b["viewer_time_ms"] - a["viewer_time_ms"] <= 30_000
            assert a["received_ms"] <= b["received_ms"] + 500
        for event in events:
            assert 0 <= event["position_ms"] <= event["duration_ms"]
            assert (event["error_fatal"] is not None) == (event["name"] == "error")
            assert event["received_ms"] > event["viewer_time_ms"]


def test_viewers_watch_one_thing_at_a_time(world):
    by_profile = {}
    for row in sorted(rows(world, "playbacks"), key=lambda r: r["started_ms"]):
        by_profile.setdefault(row["profile_id"], []).append(row)
    assert all(a["ended_ms"] < b["started_ms"] for own in by_profile.values() for a, b in pairwise(own))
    assert any(len(own) > 5 for own in by_profile.values())


def test_children_see_what_suits_them_and_nobody_sees_what_is_not_there_yet(world):
    titles = {title["title_id"]: title for title in simulated_titles(SPEC)}
    kids = {row["profile_id"] for row in profiles(make_viewers(SPEC, 0, 70)).to_pylist() if row["kids"]}
    seen = rows(world, "playbacks")
    assert kids & {row["profile_id"] for row in seen}
    for row in seen:
        title = titles[row["title_id"]]
        assert title["published_ms"] <= row["started_ms"]
        assert row["profile_id"] not in kids or title["maturity_rating"] in ("all", "6")
    assert any(title["published_ms"] > SPEC.start_ms for title in titles.values())


def test_what_is_interrupted_is_taken_up_again_where_it_was_left(world):
    left, resumed = {}, 0
    for row in sorted(rows(world, "playbacks"), key=lambda r: r["started_ms"]):
        key = row["profile_id"], row["title_id"]
        if row["first_position_ms"] > 0:
            assert row["first_position_ms"] >= left[key] - 30_000  # the app may have died before it told
            resumed += 1
        if row["started"]:
            left[key] = row["last_position_ms"]
    assert resumed > 20


def test_visits_lead_to_playbacks_that_exist(world):
    sessions = {row["session_id"]: row for row in rows(world, "playbacks")}
    visits = {}
    for row in rows(world, "browse"):
        visits.setdefault(row["visit_id"], []).append(row)
    played, vain = 0, Counter()
    for events in visits.values():
        assert [e["seq"] for e in events] == list(range(len(events)))
        assert [e["viewer_time_ms"] for e in events] == sorted(e["viewer_time_ms"] for e in events)
        assert all(len(set(e["titles"])) == len(e["titles"]) for e in events)
        assert {e["arm"] for e in events if e["name"] == "shown"} < {"row-order:control", "row-order:treatment"}
        *_, last = events
        if last["name"] == "play":
            played += 1
            session = sessions[last["session_id"]]
            assert (session["title_id"], session["profile_id"]) == (last["titles"][0], last["profile_id"])
            assert session["device"] == last["device"]
            shown = [e for e in events if e["name"] == "shown" and e["row"] == last["row"]]
            assert last["row"] == "search" or session["title_id"] in shown[0]["titles"]
        vain.update(e["results"] > 0 for e in events if e["name"] == "search" and e is last)
    assert 0.4 < played / len(visits) < 0.8
    assert min(vain[True], vain[False]) > 3  # searches that lead to nothing, some for want of results


def played_by_arm(spec):
    played = {}
    for row in rows(simulate(spec), "browse"):
        if row["name"] == "play":
            played.setdefault(row["arm"], set()).add(row["profile_id"])
    return played


def test_the_treatment_of_the_experiment_works_and_leaves_the_control_alone(monkeypatch):
    spec = replace(SPEC, viewers=300)
    treated = played_by_arm(spec)
    monkeypatch.setattr(habits, "PLAY_ANYTHING", [(control, control) for control, _ in habits.PLAY_ANYTHING])
    untreated = played_by_arm(spec)
    assert treated["row-order:control"] == untreated["row-order:control"]
    assert len(treated["row-order:treatment"]) > len(untreated["row-order:treatment"])


def test_who_has_seen_everything_sees_a_favourite_again():
    ended = Counter(
        (row["profile_id"], row["title_id"])
        for row in rows(simulate(replace(SPEC, titles=4, days=30, premieres=0.0)), "playbacks")
        if row["last_position_ms"] == row["duration_ms"]
    )
    assert max(ended.values()) > 1


def test_a_given_catalogue_is_watched_even_when_it_is_younger_than_the_period():
    titles = [title | {"published_ms": SPEC.end_ms, "origin": "catalogue"} for title in simulated_titles(SPEC)[:12]]
    seen = rows(simulate(SPEC, titles), "playbacks")
    assert {row["title_id"] for row in seen} <= {title["title_id"] for title in titles}
    assert len({row["title_id"] for row in seen}) > 6


def test_nothing_is_watched_after_it_has_left():
    titles = simulated_titles(SPEC)
    gone = {title["title_id"]: SPEC.start_ms + 2 * DAY_MS for title in titles[::2]}
    leaving = [title | {"available_until_ms": gone.get(title["title_id"])} for title in titles]
    seen = rows(simulate(SPEC, leaving), "playbacks")
    late = [row["started_ms"] - gone[row["title_id"]] for row in seen if row["title_id"] in gone]
    assert min(late) < 0
    assert max(late) < 5 * MINUTE_MS  # the title may leave while the viewer is still on the home page


def test_titles_without_a_duration_are_left_out():
    titles = [title | {"duration_ms": None} for title in simulated_titles(SPEC)]
    with pytest.raises(InvalidInput, match="nothing to watch"):
        next(simulate(SPEC, titles))
    titles[3]["duration_ms"] = 24_000
    seen = rows(simulate(SPEC, titles), "playbacks")
    assert {row["title_id"] for row in seen} == {titles[3]["title_id"]}
    assert all(row["furthest_ms"] <= 24_000 for row in seen)


@pytest.mark.parametrize(
    "change", [{"viewers": 0}, {"days": -1}, {"kids": 2.0}, {"seed": -1}, {"start": date(2020, 1, 5)}]
)
def test_a_world_that_cannot_be_is_refused(change):
    with pytest.raises(InvalidInput):
        replace(SPEC, **change)
