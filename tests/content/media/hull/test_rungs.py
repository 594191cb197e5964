"""Hull and rungs: nothing above the hull, steps of quality, a bottom that is carried and of use, caps kept."""

from fractions import Fraction
from itertools import pairwise

import pytest

from marquee.content.media.hull import convex, rungs
from marquee.content.media.hull.curves import Correction, at_every_crf, correct, parabola
from marquee.content.media.ladder import Search
from tests.content.media.hull import made_up

RATE = Fraction(25)
SEARCH = Search(
    preset="slow", options="psy=0", probe_preset="faster", heights=(216, 360, 720), crfs=(22, 30, 38), cap_kbps=9000,
    target=92, worst=80,
)  # fmt: skip


@pytest.mark.parametrize("hardness", [0.3, 1, 3])
def test_no_point_lies_above_the_hull_and_it_bends_one_way(hardness: float) -> None:
    points = made_up.points(hardness)
    vertices = convex.hull(points)
    assert all(convex.below(point, vertices) >= -1e-9 for point in points)
    rises = [convex._rise(low, high) for low, high in pairwise(vertices)]
    assert rises == sorted(rises, reverse=True)
    assert min(rises) > 0
    assert len({point.width for point in vertices}) == 3  # each size is best at some rate


@pytest.mark.parametrize("hardness", [0.3, 1, 3])
def test_rungs_are_steps_of_quality_near_the_hull(hardness: float) -> None:
    points = made_up.points(hardness)
    vertices = convex.hull(points)
    chosen = sorted((point for _, point in rungs.choose(points, SEARCH, RATE)), key=lambda p: -p.kbps)
    assert all(convex.below(point, vertices) <= convex.NEAR for point in chosen)
    for upper, lower in pairwise(chosen):
        assert upper.vmaf > lower.vmaf
        assert 1.2 < upper.kbps / lower.kbps <= rungs.MOST_FACTOR * rungs.LEAST_FACTOR
    assert chosen[0].vmaf >= SEARCH.target or chosen[0] == max(points, key=lambda p: p.vmaf)


def test_a_step_is_as_wide_as_asked_where_the_rate_allows() -> None:
    inner = sorted((point for _, point in rungs.choose(made_up.points(), SEARCH, RATE)), key=lambda p: -p.kbps)[:-1]
    assert all(4 < upper.vmaf - lower.vmaf < 13 for upper, lower in pairwise(inner))
    finer = rungs.choose(made_up.points(), SEARCH.model_copy(update={"step": 3}), RATE)
    assert len(finer) > len(inner) + 2


def test_the_bottom_is_carried_by_a_slow_link_or_else_of_use() -> None:
    easy = rungs.choose(made_up.points(0.3), SEARCH, RATE)
    assert SEARCH.least_kbps / 1.3 < min(point.kbps for _, point in easy) <= SEARCH.least_kbps
    hard = min((point for _, point in rungs.choose(made_up.points(6), SEARCH, RATE)), key=lambda p: p.kbps)
    assert hard.kbps > SEARCH.least_kbps
    assert SEARCH.floor <= hard.vmaf < SEARCH.floor + 5


def test_rungs_keep_their_caps_and_no_two_share_a_name() -> None:
    tight = SEARCH.model_copy(update={"cap_kbps": 1500})
    chosen = rungs.choose(made_up.points(), tight, RATE)
    assert len({rung.name for rung, _ in chosen}) == len(chosen) > 2
    for rung, point in chosen:
        assert rung.maxrate_kbps <= max(64, rungs._cap(point, tight, RATE))
        assert point.kbps <= rung.maxrate_kbps <= rungs.HEADROOM * point.kbps + 1
    hard = [point for point in made_up.points() if point.kbps > 100]
    ((rung, _),) = rungs.choose(hard, SEARCH.model_copy(update={"cap_kbps": 1}), RATE)
    assert rung.maxrate_kbps == 64


def test_the_best_of_a_size_comes_first() -> None:
    graded = [(rung, point) for rung, point in rungs.choose(made_up.points(), SEARCH, RATE) if rung.width == 1280]
    assert [rung.grade for rung, _ in graded] == list(range(1, len(graded) + 1))
    assert [p.vmaf for _, p in graded] == sorted((p.vmaf for _, p in graded), reverse=True)


def test_a_curve_goes_through_what_was_measured() -> None:
    assert [parabola([1, 2, 4], [3, 5, 11], x) for x in (1, 2, 4)] == pytest.approx([3, 5, 11])
    measured = [made_up.point(640, 360, crf) for crf in (22, 30, 38)]
    curve = {point.crf: point for point in at_every_crf(measured, Correction())}
    assert all(curve[point.crf].vmaf == pytest.approx(point.vmaf) for point in measured)
    for crf in range(20, 41):
        assert curve[crf].kbps == pytest.approx(made_up.point(640, 360, crf).kbps, rel=0.01)
        assert curve[crf].vmaf == pytest.approx(made_up.point(640, 360, crf).vmaf, abs=1.5)


def test_a_check_at_a_better_preset_moves_the_curve_to_where_it_was_measured() -> None:
    measured = [made_up.point(1280, 720, crf) for crf in (22, 30, 38)]
    better = made_up.point(1280, 720, 27)
    check = better.model_copy(update={"crf": 30, "kbps": 0.8 * better.kbps})
    found = correct(measured, check)
    assert found.crf == pytest.approx(3, abs=0.5)
    assert found.factor == pytest.approx(0.8, rel=0.06)
    moved = next(point for point in at_every_crf(measured, found) if point.crf == 30)
    assert (moved.kbps, moved.vmaf) == pytest.approx((check.kbps, check.vmaf), rel=0.03)
