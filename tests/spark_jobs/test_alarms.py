"""Alarms from the figures of minutes: raised at one level and cleared at another, by edge."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from marquee.contracts.alarms import ALARM, REBUFFERING, START_FAILURES, WINDOW_MIN, Alarm, named, of_error
from spark_jobs.alarms import judged

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minute(n: int) -> datetime:
    return NOON + timedelta(minutes=n)


def starts(n: int, good: float, bad: float, edge: str = "edge-a") -> list[tuple[datetime, str, str, float]]:
    return [(minute(n), "starts", edge, good), (minute(n), "start_failures", edge, bad)]


def states(figures, since=0, alarm="start_failures", edge="edge-a") -> dict[int, bool]:
    """By minute, whether the alarm is raised."""
    found = judged(figures, minute(since))
    return {
        int((at - NOON).total_seconds() // 60): bool(value)
        for at, metric, at_edge, value in found
        if (metric, at_edge) == (f"{ALARM}{alarm}", edge)
    }


@pytest.mark.parametrize("alarm", [START_FAILURES, REBUFFERING, of_error("network/1002")])
def test_between_its_levels_an_alarm_stays_what_it_is(alarm: Alarm) -> None:
    def sums(rate: float, times: float = 1000) -> dict[str, float]:
        whole, other = alarm.samples * times, next(name for name in alarm.whole if name != alarm.bad)
        in_whole = alarm.bad in alarm.whole
        return {other: whole * (1 - rate if in_whole else 1), alarm.bad: whole * rate}

    middle = (alarm.raise_at + alarm.clear_at) / 2
    assert alarm.clear_at < alarm.raise_at
    assert not alarm.judge(sums(middle), raised=False)
    assert alarm.judge(sums(middle), raised=True)
    assert alarm.judge(sums(alarm.raise_at * 1.001), raised=False)
    assert not alarm.judge(sums(alarm.clear_at * 0.999), raised=True)
    assert not alarm.judge(sums(0.5, 0.9), raised=False), "too few samples raise nothing"
    assert alarm.judge(sums(0, 0.9), raised=True), "and clear nothing"
    assert not alarm.judge({}, raised=True), "without anybody there is nothing to be alarmed about"
    assert named(alarm.name) == alarm


def test_one_unlucky_viewer_raises_nothing() -> None:
    assert not START_FAILURES.judge({"starts": 60, "start_failures": 2}, raised=False)
    assert START_FAILURES.judge({"starts": 60, "start_failures": 3}, raised=False)


def test_an_alarm_is_raised_held_and_cleared_by_what_the_last_minutes_say() -> None:
    figures = [*starts(0, 100, 0), *starts(1, 97, 3)]
    figures += [row for n in range(2, 11) for row in starts(n, 10, 0)]
    figures += starts(11, 100, 1)  # the failures of minute 1 have left the window: 1 of 191 is between the levels
    figures += starts(12, 200, 0)
    found = states(figures)
    assert [n for n, on in found.items() if on] == list(range(1, 12))
    assert 3 / 290 > START_FAILURES.raise_at > 1 / 191 > START_FAILURES.clear_at


def test_a_figure_that_swings_around_one_level_does_not_flap() -> None:
    rng = random.Random(3)
    figures = [row for n in range(60) for row in starts(n, 1000, rng.choice((6, 14)))]
    found = list(states(figures).values())
    assert sum(a != b for a, b in pairwise(found)) <= 1


def test_edges_and_codes_have_alarms_of_their_own() -> None:
    figures = [*starts(0, 90, 10, "edge-b"), *starts(0, 100, 0, "edge-a"), *starts(0, 190, 10, "*")]
    figures += [(minute(0), "error:network/1002", "edge-b", 10), (minute(0), "viewers", "edge-b", 90)]
    assert (states(figures, edge="edge-b"), states(figures, edge="edge-a")) == ({0: True}, {0: False})
    assert states(figures, alarm="error:network/1002", edge="edge-b") == {0: True}
    assert states(figures, alarm="error:network/1002", edge="edge-a") == {}
    assert states(figures, edge="*") == {0: True}


def test_minutes_seen_again_give_the_same_alarms() -> None:
    rng = random.Random(5)
    figures = [row for n in range(40) for row in starts(n, rng.randrange(5, 200), rng.choice((0, 0, 0, 4)))]
    whole = list(judged(figures, minute(0)))
    for since in (0, 7, 25, 39):
        kept = [*figures, *(row for row in whole if row[0] < minute(since))]
        stale = [(at, metric, edge, 1 - value) for at, metric, edge, value in whole if at >= minute(since)]
        assert list(judged([*kept, *stale], minute(since))) == [row for row in whole if row[0] >= minute(since)]
    assert WINDOW_MIN == 10
