"""What a codec at a size gives at any CRF, from a few that were measured."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from marquee.contracts.ladder import Point
from marquee.contracts.plan import Codec

BEYOND = 3  # how far a curve is followed beyond what was measured, in steps of CRF
FINE = 0.1  # steps of CRF in which an equal quality is looked for
MOST_APART = 6  # steps of CRF between presets of equal quality; a flat curve would match anywhere
COARSEST = {Codec.H264: 51, Codec.VP9: 63, Codec.AV1: 63}  # CRF that the encoders take
LEAST_VMAF, MOST_VMAF = 0.0, 100.0
SCORES = ("vmaf", "vmaf_harmonic", "vmaf_p5")


class Correction(NamedTuple):
    """From the probes' preset to that of the rungs: what a probe gives at a CRF, rungs give at `crf` more of it, for
    `factor` times the rate."""

    crf: float = 0.0
    factor: float = 1.0


def at_every_crf(points: Sequence[Point], correction: Correction) -> Iterator[Point]:
    """The points of one codec and size at whole CRFs: parabolas through those measured, rates on a log scale.

    Rate falls about exponentially with the CRF, and quality by a bend that a parabola follows closely between three
    measured places.
    """
    crfs = [point.crf for point in points]
    low, high = min(crfs) - BEYOND + correction.crf, max(crfs) + BEYOND + correction.crf
    for crf in range(max(0, math.ceil(low)), min(COARSEST[points[0].codec], math.floor(high)) + 1):
        found = _at(points, crf - correction.crf)
        yield found.model_copy(update={"crf": crf, "kbps": found.kbps * correction.factor})


def correct(points: Sequence[Point], check: Point) -> Correction:
    """From the probes of a size and one encode of that size at the preset of the rungs: both at equal quality."""
    span = round(MOST_APART / FINE)
    shifts = [n * FINE for n in sorted(range(-span, span + 1), key=abs)]
    shift = min(shifts, key=lambda by: abs(_at(points, check.crf - by).vmaf - check.vmaf))
    return Correction(shift, check.kbps / _at(points, check.crf - shift).kbps)


def _at(points: Sequence[Point], crf: float) -> Point:
    """What is expected at a CRF, which the result leaves as it was."""
    crfs = [point.crf for point in points]
    scores = {name: _within(parabola(crfs, [getattr(p, name) for p in points], crf)) for name in SCORES}
    kbps = 2 ** parabola(crfs, [math.log2(point.kbps) for point in points], crf)
    return points[0].model_copy(update=scores | {"kbps": kbps})


def parabola(xs: Sequence[float], ys: Sequence[float], at: float) -> float:
    """The value at a place of the polynomial through all given places (Lagrange's form)."""
    return sum(
        y * math.prod((at - other) / (x - other) for other in xs if other != x) for x, y in zip(xs, ys, strict=True)
    )


def _within(score: float) -> float:
    return min(MOST_VMAF, max(LEAST_VMAF, score))
