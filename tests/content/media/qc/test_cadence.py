"""The rhythm of frames, told from differences and fields alone."""

import numpy as np
import pytest

from marquee.content.media.qc.cadence import cadence, jumps, period, pulldown, repeated

RATE = 30000 / 1001


def motion(frames: int = 200, seed: int = 1) -> np.ndarray:
    """A picture that moves by about three levels a frame, now more, now less."""
    return np.random.default_rng(seed).uniform(2.8, 3.2, frames)


def times(frames: int, rate: float = RATE) -> list[float]:
    return [n / rate for n in range(frames)]


@pytest.mark.parametrize("phase", range(5))
@pytest.mark.parametrize("fields", ["tb", "bt"])
def test_pulldown_is_seen_at_every_phase(phase: int, fields: str) -> None:
    cycle = [fields[0], "n", fields[1], "n", "n"]
    repeats = "".join(cycle[(n + phase) % 5] for n in range(200))
    stretches, share = pulldown(times(200), repeats, motion(), RATE)
    assert share == 1
    assert stretches == [(0, pytest.approx(180 / RATE, abs=0.01))]
    assert pulldown(times(200, 25), repeats, motion(), 25) == ([], None)


@pytest.mark.parametrize("repeats", ["n" * 200, "t" * 200, "tnnnn" * 40, "tbnnn" * 40])
def test_other_patterns_are_no_pulldown(repeats: str) -> None:
    assert pulldown(times(200), repeats, motion(), RATE) == ([], 0)


def test_a_picture_that_stands_says_nothing_of_pulldown() -> None:
    assert pulldown(times(200), "tnbnn" * 40, np.zeros(200), RATE) == ([], None)


def test_repeated_and_missing_frames_are_placed() -> None:
    moves = motion()
    moves[[40, 120, 121]] = 0.05
    moves[170] *= 1.9
    stretches, found = cadence(times(200), moves, 1 / RATE)
    assert (found["repeated_frames"], found["dropped_frames"]) == (3, 1)
    assert [start for start, _ in stretches["repeated"]] == pytest.approx([40 / RATE, 120 / RATE])
    assert stretches["dropped"] == [(170 / RATE, 170 / RATE)]


def test_a_late_frame_is_a_missing_one() -> None:
    stretches, found = cadence([n / 25 for n in range(100) if n not in (50, 51)], motion(98), 1 / 25)
    assert found["dropped_frames"] == 2
    assert stretches["dropped"] == [(pytest.approx(2.0), pytest.approx(2.08))]


def test_drawings_that_are_held_repeat_nothing() -> None:
    """Animation on twos and holds: other frames near by do not move either."""
    twos = motion() * (np.arange(200) % 2)
    held = motion()
    held[50:80] = 0.02
    assert not len(repeated(twos))
    assert not len(repeated(held))


def test_a_cut_is_no_missing_frame() -> None:
    moves = motion()
    moves[100] = 40
    assert not len(jumps(moves))


@pytest.mark.parametrize(("missed", "every"), [((), 25), ((3,), 25)])
def test_a_converted_rate_is_one_finding(missed: tuple[int, ...], every: int) -> None:
    moves = motion(500)
    again = [n for i, n in enumerate(range(20, 480, every)) if i not in missed]
    moves[again] = 0.02
    stretches, found = cadence([n / 25 for n in range(500)], moves, 1 / 25)
    assert (found["repeat_period"], found["repeated_frames"], stretches["repeated"]) == (every, 0, [])
    assert found["converted_share"] == pytest.approx(len(again) * every / 500)
    assert period(np.array([5, 90, 100, 300])) is None


def test_a_rate_that_varies_throughout_has_no_cadence() -> None:
    assert cadence([0.04 * n for n in range(200) if n % 7], motion(171), 0.04) == ({}, {})
