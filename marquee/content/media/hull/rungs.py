"""Chooses rungs along the hull: from the target down by steps of quality, to a bottom that slow links carry."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from marquee.content.media.hull import convex
from marquee.content.media.ladder import Search, cap_kbps, cost
from marquee.contracts.ladder import Point
from marquee.contracts.plan import Rung

# Between neighbours: nearer ones give players a choice without a difference, farther ones leave links unused. Apple's
# authoring specification asks for factors of 1.5 to 2; low rungs may lie a little closer, where quality is steep.
LEAST_FACTOR, MOST_FACTOR = 1.4, 2.5
HEADROOM = 2.0  # of the cap over the mean rate: Apple allows peaks of 200 % of the average (9.26)
CAP_BOX = 1080


def choose(points: Sequence[Point], search: Search, rate: Fraction) -> list[tuple[Rung, Point]]:
    """The rungs of one codec, dearest first, each with what is expected of it; `points` are one or more of it.

    Where none of them keeps its cap there is one rung, the cheapest, which its buffer holds down.
    """
    allowed = [p for p in points if p.kbps <= _cap(p, search, rate)] or [min(points, key=lambda p: p.kbps)]
    line = convex.near(allowed, convex.hull(allowed))
    return _rungs(_along(line, search), search, rate)


def _cap(point: Point, search: Search, rate: Fraction) -> int:
    return cap_kbps(CAP_BOX, search.cap_kbps, point.width, point.height, rate)


def _along(line: Sequence[Point], search: Search) -> list[Point]:
    """Points of the line from the top to the bottom, `step` apart where the factors allow."""
    chosen, bottom = [top(line, search)], bottom_of(line, search)
    while (lower := _next(line, chosen[-1], search.step)) and lower.kbps > bottom.kbps * LEAST_FACTOR:
        chosen.append(lower)
    return [*chosen, bottom] if bottom.kbps < chosen[-1].kbps else chosen


def top(line: Sequence[Point], search: Search) -> Point:
    """The cheapest point that reaches the target, also where a few bad frames weigh most, else the best."""
    good = (p for p in line if p.vmaf_harmonic >= search.target and p.vmaf_p5 >= search.worst)
    return next(good, line[-1])


def bottom_of(line: Sequence[Point], search: Search) -> Point:
    """The best point that a slow link carries; a dearer one where that would be useless."""
    carried = [p for p in line if p.kbps <= search.least_kbps] or line[:1]
    useful = [p for p in line if p.vmaf >= search.floor] or line[-1:]
    return max(carried[-1], useful[0], key=lambda p: p.kbps)


def _next(line: Sequence[Point], upper: Point, step: float) -> Point | None:
    """The best point that is a step below, but not farther than the factor allows, if there is one so near."""
    cheaper = [p for p in line if upper.kbps / p.kbps >= LEAST_FACTOR]
    near = [p for p in cheaper if upper.kbps / p.kbps <= MOST_FACTOR]
    lower = [p for p in near if p.vmaf <= upper.vmaf - step]
    return next(iter([*lower[-1:], *near[:1], *cheaper[-1:]]), None)


def _rungs(points: Sequence[Point], search: Search, rate: Fraction) -> list[tuple[Rung, Point]]:
    """Of one size the best is the first."""
    seen: Counter[tuple[int, int]] = Counter()
    found = []
    for point in points:
        seen[point.width, point.height] += 1
        found.append((_rung(point, seen[point.width, point.height], search, rate), point))
    return sorted(found, key=lambda each: cost(each[0]), reverse=True)


def _rung(point: Point, grade: int, search: Search, rate: Fraction) -> Rung:
    return Rung(
        codec=point.codec,
        width=point.width,
        height=point.height,
        crf=point.crf,
        maxrate_kbps=min(_cap(point, search, rate), round(HEADROOM * point.kbps)),
        preset=search.preset,
        options=search.options,
        grade=grade,
    )
