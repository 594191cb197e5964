"""Bits spread by equal slope: no more of them, a better harmonic mean, nobody worse than the bound, no leaps."""

import math
from itertools import pairwise, product
from statistics import harmonic_mean

import pytest

from marquee.content.media.hull import slope
from marquee.contracts.ladder import Point
from marquee.contracts.plan import Codec

BASE, SECONDS = 30, 4.0
UNCAPPED = math.inf


def curve(kbps: float, loss: float) -> list[Point]:
    """Six steps of CRF halve the rate; quality is lost in proportion to the square of the CRF above 10."""

    def point(crf: int) -> Point:
        vmaf = 100 - loss * (crf - 10) ** 2 / 100
        scores = {"vmaf": vmaf, "vmaf_harmonic": vmaf, "vmaf_p5": vmaf - 3}
        return Point(codec=Codec.H264, width=64, height=36, crf=crf, kbps=kbps * 2 ** ((BASE - crf) / 6), **scores)

    return [point(crf) for crf in range(20, 41)]


EASY, HARD, FLAT = curve(300, 4), curve(2000, 4), curve(300, 0.2)
MIXED = [EASY, EASY, HARD, HARD, FLAT, EASY]


def total(curves: list[list[Point]], crfs: tuple[int, ...], field: str) -> float:
    return sum(getattr(next(p for p in c if p.crf == crf), field) for c, crf in zip(curves, crfs, strict=True))


def harmonic(curves: list[list[Point]], crfs: tuple[int, ...]) -> float:
    scores = [total([curve], (crf,), "vmaf") for curve, crf in zip(curves, crfs, strict=True)]
    return harmonic_mean([score + 1 for score in scores]) - 1


def allocate(curves: list[list[Point]], cap: float = UNCAPPED) -> tuple[int, ...]:
    return slope.allocate(curves, [SECONDS] * len(curves), BASE, cap)


def test_equal_chunks_keep_one_crf() -> None:
    assert allocate([EASY] * 5) == (BASE,) * 5


def test_no_more_bits_for_better_quality() -> None:
    crfs, even = allocate(MIXED), (BASE,) * len(MIXED)
    assert total(MIXED, crfs, "kbps") <= total(MIXED, even, "kbps")
    assert harmonic(MIXED, crfs) > harmonic(MIXED, even)
    assert crfs[0] < BASE < crfs[3]


def test_neighbours_differ_by_a_step_and_none_strays() -> None:
    crfs = allocate(MIXED)
    assert max(abs(a - b) for a, b in pairwise(crfs)) <= slope.MOST_STEP
    assert max(abs(crf - BASE) for crf in crfs) <= slope.MOST_AWAY


def test_it_is_the_best_of_all_that_take_no_more_bits() -> None:
    """Against all allocations of four chunks, but for what a whole step of CRF leaves over."""
    curves = [EASY, HARD, EASY, FLAT]
    own, even = allocate(curves), (BASE,) * 4
    away = range(BASE - slope.MOST_AWAY, BASE + slope.MOST_AWAY + 1)
    steps = (c for c in product(away, repeat=4) if max(abs(a - b) for a, b in pairwise(c)) <= slope.MOST_STEP)
    kept = (c for c in steps if total(curves, c, "kbps") <= total(curves, own, "kbps"))
    floor = min(total([c], (BASE,), "vmaf_p5") for c in curves) - slope.SLACK
    bound = (c for c in kept if all(total([v], (crf,), "vmaf_p5") >= floor for v, crf in zip(curves, c, strict=True)))
    best = max(harmonic(curves, c) for c in bound)
    assert harmonic(curves, own) == pytest.approx(best)
    assert best > harmonic(curves, even)


def test_the_worst_chunk_gets_no_worse() -> None:
    poor = curve(20_000, 6)
    crfs = allocate([EASY] * 40 + [poor])
    assert crfs[-1] <= BASE


def test_none_goes_above_the_cap_but_who_is_there() -> None:
    curves = [EASY, EASY, HARD]
    capped = allocate(curves, 310)
    for points, crf in zip(curves, capped, strict=True):
        own = next(p for p in points if p.crf == BASE)
        assert total([points], (crf,), "kbps") <= max(310, own.kbps)
    assert allocate(curves)[0] < capped[0]
