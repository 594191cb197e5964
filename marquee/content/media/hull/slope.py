"""Spreads a rung's bits over its chunks by equal slope: where another bit would bring the same everywhere.

With a multiplier for bits against quality each chunk takes the CRF that gives it most, and the multiplier is the one at
which all of them together take the bits of one CRF (Shoham and Gersho, "Efficient bit allocation for an arbitrary set
of quantizers", 1988; Katsavounidis and Guo, "Video codec comparison using the dynamic optimizer framework", 2018).
"""

import math
from collections.abc import Iterator, Sequence
from statistics import quantiles
from typing import NamedTuple

from marquee.contracts.ladder import Point

MOST_AWAY = 4  # steps of CRF from the rung's own: beyond it the curves of a probe are a guess
MOST_STEP = 2  # between neighbours, so that no seam shows: a step is about one VMAF point
SLACK = 2.0  # VMAF points: a third of what is called a just noticeable difference
LEAST_SLOPE, MOST_SLOPE, ROUNDS = 1e-7, 1e2, 40  # VMAF points a kb/s; halvings of their ratio

Curve = Sequence[Point]
"""A chunk's points, one for each whole CRF."""


class _Path(NamedTuple):
    """CRFs up to a chunk, the last one first, and what they are worth together."""

    worth: float
    crf: int
    before: "_Path | None"


def allocate(curves: Sequence[Curve], seconds: Sequence[float], crf: int, cap_kbps: float) -> tuple[int, ...]:
    """The CRF of each chunk, of as many bits as one CRF for all would take and of the highest harmonic mean of VMAF.

    No chunk goes above the rate cap, or more than `SLACK` below the worst twentieth of chunks (by their own 5th
    percentiles), but those that are there already, and those become no worse. Every curve has a point at `crf`.
    """
    even = [_at(curve, crf) for curve in curves]
    floor = _fifth([point.vmaf_p5 for point in even]) - SLACK
    offered = [list(_allowed(c, own, cap_kbps, floor)) for c, own in zip(curves, even, strict=True)]
    found = even
    low, high = LEAST_SLOPE, MOST_SLOPE
    for _ in range(ROUNDS):
        slope = math.sqrt(low * high)
        chosen = _best(offered, seconds, slope)
        if _bits(chosen, seconds) > _bits(even, seconds):
            low = slope
        else:
            high, found = slope, chosen
    better = _quality(found, seconds) > _quality(even, seconds)
    return tuple(point.crf for point in (found if better else even))


def _at(curve: Curve, crf: int) -> Point:
    return next(point for point in curve if point.crf == crf)


def _fifth(values: Sequence[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[0] if len(values) > 1 else values[0]


def _allowed(curve: Curve, own: Point, cap_kbps: float, floor: float) -> Iterator[Point]:
    for point in curve:
        kept = point.kbps <= max(cap_kbps, own.kbps) and point.vmaf_p5 >= min(floor, own.vmaf_p5)
        if kept and abs(point.crf - own.crf) <= MOST_AWAY:
            yield point


def _best(offered: Sequence[Sequence[Point]], seconds: Sequence[float], slope: float) -> list[Point]:
    """The points of most worth at a slope, neighbours no more than a step apart (Viterbi)."""
    paths: list[_Path] = []
    for points, length in zip(offered, seconds, strict=True):
        paths = [_longer(paths, point, length * (_worth(point) - slope * point.kbps)) for point in points]
        paths = [path for path in paths if path.worth > -math.inf]
    crfs = reversed(list(_crfs(max(paths, key=lambda path: path.worth))))
    return [_at(points, crf) for points, crf in zip(offered, crfs, strict=True)]


def _longer(paths: Sequence[_Path], point: Point, worth: float) -> _Path:
    if not paths:
        return _Path(worth, point.crf, None)
    near = [path for path in paths if abs(path.crf - point.crf) <= MOST_STEP]
    before = max(near, key=lambda path: path.worth, default=_Path(-math.inf, point.crf, None))
    return _Path(before.worth + worth, point.crf, before)


def _crfs(path: _Path | None) -> Iterator[int]:
    while path:
        yield path.crf
        path = path.before


def _worth(point: Point) -> float:
    """By which a harmonic mean rises: a VMAF point is worth as much as itself near 100, and ever more below."""
    return -(100**2) / (point.vmaf + 1)


def _quality(points: Sequence[Point], seconds: Sequence[float]) -> float:
    return math.fsum(length * _worth(point) for point, length in zip(points, seconds, strict=True))


def _bits(points: Sequence[Point], seconds: Sequence[float]) -> float:
    return math.fsum(length * point.kbps for point, length in zip(points, seconds, strict=True))
