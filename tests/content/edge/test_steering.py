"""Steering: the order of edges for a session follows health, complaints, place, room and weight, in this order."""

from collections import Counter

import pytest
from pydantic import ValidationError

from marquee.content.edge.health import COMPLAINTS, WINDOW_S, Condition, Health
from marquee.content.edge.steering import order
from marquee.settings.edges import Edge

NEAR, WORLD, FAR = Edge(port=1, countries=("DE",)), Edge(port=2), Edge(port=3, countries=("US",))
EDGES = {"far": FAR, "world": WORLD, "near": NEAR}


def ordered(conditions=None, *, edges=None, session_id=7):
    return order(edges or EDGES, conditions or {}, country="DE", session_id=session_id)


def test_the_nearest_comes_first():
    assert ordered() == ["near", "world", "far"]


@pytest.mark.parametrize("condition", [Condition(up=False), Condition(troubled=True)], ids=["down", "troubled"])
def test_what_is_not_well_comes_last_wherever_it_is(condition):
    assert ordered({"near": condition}) == ["world", "far", "near"]


def test_what_is_down_comes_after_what_is_troubled():
    assert ordered({"near": Condition(up=False), "world": Condition(troubled=True)}) == ["far", "world", "near"]


def test_a_full_edge_gives_way_to_its_equals_only():
    edges = {"full": Edge(port=1, capacity=100), "free": Edge(port=2, capacity=100), "far": FAR}
    full = {"full": Condition(connections=100), "free": Condition(connections=99)}
    for session_id in range(50):
        assert ordered(full, edges=edges, session_id=session_id) == ["free", "full", "far"]


def test_a_session_stays_where_it_is():
    edges = {name: Edge(port=1) for name in "abcde"}
    for session_id in range(200):
        before = ordered(edges=edges, session_id=session_id)
        assert before == ordered(edges=edges, session_id=session_id)
        gone = before[-1]
        assert ordered({gone: Condition(up=False)}, edges=edges, session_id=session_id) == before


def test_sessions_spread_by_weight():
    edges = {"one": Edge(port=1), "three": Edge(port=2, weight=3)}
    firsts = Counter(ordered(edges=edges, session_id=n)[0] for n in range(20_000))
    assert firsts["three"] / 20_000 == pytest.approx(0.75, abs=0.01)  # three standard deviations


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_two_probes_in_a_row_decide():
    health = Health(["a"])
    ups = []
    for answer in (1, None, 1, None, None, None, 1, None, 1, 1):
        health.probed({"a": answer})
        ups.append(health.conditions["a"].up)
    assert ups == [True, True, True, True, False, False, False, False, False, True]


def test_one_member_turns_nobody_away():
    health = Health(["a"])
    for _ in range(1000):
        health.heard("a", 1, error=True)
    health.probed({"a": 1})
    assert not health.conditions["a"].troubled


def test_many_members_do_until_a_minute_has_passed():
    clock = Clock()
    health = Health(["a", "b"], clock)
    for session in range(COMPLAINTS):
        health.heard("a", session, error=True)
    health.probed({"a": 1, "b": 1})
    assert [health.conditions[name].troubled for name in "ab"] == [True, False]
    clock.now += WINDOW_S + 1
    health.probed({"a": 1})
    assert not health.conditions["a"].troubled


def test_few_among_many_do_not():
    health = Health(["a"])
    for session in range(100):
        health.heard("a", session, error=session < 19)
    health.probed({"a": 1})
    assert not health.conditions["a"].troubled
    health.heard("a", 99, error=True)
    health.probed({"a": 1})
    assert health.conditions["a"].troubled


def test_an_unknown_edge_is_no_news():
    health = Health(["a"])
    health.heard("elsewhere", 1, error=True)
    health.heard(None, 1, error=True)
    assert set(health.conditions) == {"a"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "needs a `url`, or a `port`"),
        ({"url": "edge.example"}, "url"),
        ({"url": "https://edge.example/path"}, "url"),
        ({"port": 70_000}, "port"),
        ({"port": 1, "weight": 0}, "weight"),
        ({"port": 1, "wieght": 2}, "wieght"),
    ],
)
def test_a_wrong_edge_is_refused(wrong, said):
    with pytest.raises(ValidationError, match=said):
        Edge(**wrong)
