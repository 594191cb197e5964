"""BD rates: how much more rate one curve needs than another for the same quality, on the mean (Bjontegaard)."""

from collections.abc import Sequence
from math import isfinite

import bjontegaard  # type: ignore[import-untyped]

from bench.quality.points import Point

MEASURES = ("vmaf", "psnr", "ssim")
LEAST = 2  # points of a curve: between two it is a line over the logarithm of the rate


def bd_rates(anchor: Sequence[Point], test: Sequence[Point]) -> dict[str, float]:
    """Per cent by measure, over the qualities that both curves reach; without those in which a curve is too short."""
    found = {measure: _bd_rate(_rising(anchor, measure), _rising(test, measure)) for measure in MEASURES}
    return {measure: value for measure, value in found.items() if value is not None and isfinite(value)}


def _bd_rate(anchor: list[tuple[float, float]], test: list[tuple[float, float]]) -> float | None:
    overlap = min(anchor[-1][1], test[-1][1]) - max(anchor[0][1], test[0][1])
    if min(len(anchor), len(test)) < LEAST or overlap <= 0:
        return None
    (rates, scores), (other_rates, other_scores) = zip(*anchor, strict=True), zip(*test, strict=True)
    asked = {"method": "pchip", "require_matching_points": False, "min_overlap": 0}
    return float(bjontegaard.bd_rate(rates, scores, other_rates, other_scores, **asked))


def _rising(points: Sequence[Point], measure: str) -> list[tuple[float, float]]:
    """Rate and score by rising rate, without points that are worse than a cheaper one."""
    kept: list[tuple[float, float]] = []
    for point in sorted(points, key=lambda p: p.kbps):
        if not kept or getattr(point, measure) > kept[-1][1]:
            kept.append((point.kbps, getattr(point, measure)))
    return kept
