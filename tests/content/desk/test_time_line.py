"""A line of time holds every window within its ends, says all of them in words, and its ticks can be read."""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from marquee.content.desk import time_line
from marquee.content.desk.time_line import TimeLine
from marquee.contracts.title import Availability

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def line(*windows: dict[str, Any], shown_from: datetime | None = None, release_at: datetime | None = None) -> TimeLine:
    schedule = SimpleNamespace(release_id=5, at=release_at) if release_at else None
    described = SimpleNamespace(availability=tuple(Availability.model_validate(each) for each in windows))
    title: Any = SimpleNamespace(description=described, shown_from=shown_from, schedule=schedule)
    return time_line.drawn(title, NOW)


@pytest.mark.parametrize(
    ("window", "kind", "words"),
    [
        ({}, "open", "always"),
        ({"start": "2026-01-01"}, "open", "from 2026-01-01"),
        ({"start": "2026-12-01T20:30"}, "later", "from 2026-12-01 20:30"),
        ({"end": "2026-06-01"}, "over", "until 2026-06-01"),
        ({"start": NOW.isoformat(), "end": "2027-01-01"}, "open", "2026-11-27 12:00 to 2027-01-01"),
        ({"start": "2026-01-01", "end": NOW.isoformat()}, "over", "2026-01-01 to 2026-11-27 12:00"),
    ],
)
def test_a_window_is_open_from_its_start_until_before_its_end(window: dict[str, Any], kind: str, words: str) -> None:
    drawn = line(window)
    (row,) = drawn.rows
    assert [(bar.kind, bar.words) for bar in row.bars] == [(kind, words)]
    assert drawn.summary == f"World: {words}."


def test_territories_of_the_same_windows_share_a_row_and_the_world_comes_first() -> None:
    drawn = line(
        {"territories": ["US", "DE"], "start": "2026-01-01", "end": "2026-03-01"},
        {"territories": ["AT"], "start": "2026-01-01", "end": "2026-03-01"},
        {"territories": ["US"], "start": "2027-01-01"},
        {"territories": ["*"], "start": "2026-06-01"},
    )
    assert [(row.places, len(row.bars)) for row in drawn.rows] == [("World", 1), ("AT, DE", 1), ("US", 2)]


def test_what_is_not_shown_yet_is_told_apart_within_a_window() -> None:
    embargo = NOW + timedelta(days=10)
    drawn = line({}, {"territories": ["DE"], "start": "2027-06-01"}, shown_from=embargo, release_at=embargo)
    world, germany = drawn.rows
    assert [bar.kind for bar in world.bars] == ["held", "later"]
    assert world.bars[0].left + world.bars[0].width == pytest.approx(world.bars[1].left, abs=0.02)
    assert [bar.kind for bar in germany.bars] == ["later"]
    assert [mark.word.split()[0] for mark in drawn.marks] == ["now", "shown", "release"]
    over = line({"end": "2026-12-01"}, shown_from=embargo).rows[0].bars
    assert [bar.kind for bar in over] == ["held"]  # it ends before the title is shown


def test_any_windows_lie_on_the_line_and_its_ticks_are_few() -> None:
    rng = random.Random(11)
    for scale in (1, 10, 100, 1_000, 40_000):  # days
        for _ in range(40):
            moments = [NOW + timedelta(days=rng.uniform(-scale, scale)) for _ in range(6)]
            windows = [
                {"territories": [place], "start": min(pair), "end": max(pair)}
                for place, pair in zip(("DE", "FR", "*"), zip(moments[::2], moments[1::2], strict=True), strict=True)
            ]
            drawn = line(*windows, shown_from=rng.choice([None, rng.choice(moments)]))
            for bar in (bar for row in drawn.rows for bar in row.bars):
                assert 0 <= bar.left <= 100
                assert bar.width >= 0
                assert bar.left + bar.width <= 100.01
            places = [tick.at for tick in drawn.ticks]
            assert places == sorted(places)
            assert 1 <= len(places) <= time_line.MOST_TICKS + 1
            assert len({tick.word for tick in drawn.ticks}) == len(places)
            assert 0 < drawn.marks[0].at < 100
