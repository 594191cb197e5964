"""The upper convex hull of quality over the logarithm of the rate, and the points near it."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from marquee.contracts.ladder import Point

NEAR = 1.0  # VMAF points below the hull: less than anybody sees


def hull(points: Iterable[Point]) -> list[Point]:
    """The vertices by rising rate and quality (Andrew's monotone chain, upper half)."""
    chain: list[Point] = []
    for point in sorted(points, key=lambda p: (p.kbps, -p.vmaf)):
        while len(chain) > 1 and _rise(chain[-2], point) >= _rise(chain[-2], chain[-1]):
            chain.pop()
        if not chain or point.vmaf > chain[-1].vmaf:
            chain.append(point)
    return chain


def near(points: Iterable[Point], vertices: Sequence[Point]) -> list[Point]:
    """The points within 1 VMAF point of the hull to which no other is preferable, by rising rate and quality."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda p: (p.kbps, -p.vmaf)):
        if (not kept or point.vmaf > kept[-1].vmaf) and below(point, vertices) <= NEAR:
            kept.append(point)
    return kept


def below(point: Point, vertices: Sequence[Point]) -> float:
    """VMAF points from a point up to the hull; beyond its ends to the end's quality."""
    for low, high in pairwise(vertices):
        if low.kbps <= point.kbps <= high.kbps:
            return low.vmaf + _rise(low, high) * math.log2(point.kbps / low.kbps) - point.vmaf
    end = vertices[0] if point.kbps < vertices[0].kbps else vertices[-1]
    return end.vmaf - point.vmaf


def _rise(low: Point, high: Point) -> float:
    """VMAF points for twice the rate."""
    doublings = math.log2(high.kbps / low.kbps)
    return (high.vmaf - low.vmaf) / doublings if doublings else math.inf
