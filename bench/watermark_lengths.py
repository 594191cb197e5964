"""How long a capture has to be for its sessions to be named, by trials with statistics as they were read.

A trial draws the clearness of each segment from those of real captures: of one copy where the sessions have the same
variant, of two averaged ones where they differ. Alternated copies show a copy's clearness everywhere.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.watermark_captures import ONE, OTHER, RELEASE, SESSIONS
from bench.watermark_reel import KEY
from marquee.content.edge.variants import bit, code
from marquee.content.media.watermark.reader import Readings
from marquee.content.media.watermark.score import FALSE_ALARM, chance, weights

Signs = NDArray[np.float64]
TRIALS, OFTEN = 200, 0.95  # of them, that have to succeed
FALSE_TRIALS = 1000
MIXES = ("one", "alternated_one", "alternated_both", "averaged_one", "averaged_both")
LONGEST = 1000  # segments


@dataclass(frozen=True)
class Shown:
    """Statistics as read, above 0 where the right variant was: of one copy, and of two averaged where they differ."""

    same: Signs
    differing: Signs

    @classmethod
    def of(cls, single: Readings, averaged: Readings) -> "Shown":
        count = max(each.segment for each in (*single.segments, *averaged.segments)) + 1
        one, other = ([1 - 2 * bit(code(KEY, RELEASE, s, count), n) for n in range(count)] for s in (ONE, OTHER))
        same = [each.value * one[each.segment] for each in single.segments]
        differing = [e.value * one[e.segment] for e in averaged.segments if one[e.segment] != other[e.segment]]
        return cls(np.array(same), np.array(differing))


def needed(shown: Shown, how: str, segment_s: float) -> float:
    """Seconds of capture at which the sessions are named in most trials; infinite where none are enough."""
    for segments in range(10, LONGEST, 5):
        if _often(shown, how, segments):
            return segments * segment_s
    return float("inf")


def _often(shown: Shown, how: str, segments: int) -> bool:
    """Whether enough trials succeed; given up as soon as they cannot."""
    left = round((1 - OFTEN) * TRIALS)
    for trial in range(TRIALS):
        left -= not _named(shown, how, segments, trial)
        if left < 0:
            return False
    return True


def _named(shown: Shown, how: str, segments: int, trial: int) -> bool:
    rng = np.random.default_rng([segments, trial])
    one, other = rng.choice([-1.0, 1.0], (2, segments))
    weighed = weights(_mixed(shown, how, one, other, rng).tolist())
    guilty = (one,) if how == "one" else (one, other)
    named = [chance(float(each @ weighed), weighed, SESSIONS) < FALSE_ALARM for each in guilty]
    return all(named) if how.endswith("both") else any(named)


def _mixed(shown: Shown, how: str, one: Signs, other: Signs, rng: np.random.Generator) -> Signs:
    clear = rng.choice(shown.same, len(one))
    if how == "one":
        return one * clear
    if how.startswith("alternated"):
        return np.where(np.arange(len(one)) % 2, one, other) * clear
    return np.where(one == other, one * clear, one * rng.choice(shown.differing, len(one)))


def false_alarms(shown: Shown) -> int:
    """In how many trials one of ten thousand innocent sessions is named, each by 100 segments of others' captures."""
    found = 0
    for trial in range(FALSE_TRIALS):
        rng = np.random.default_rng([9, trial])
        guilty = rng.choice([-1.0, 1.0], (2, 100))
        weighed = weights(_mixed(shown, MIXES[trial % len(MIXES)], *guilty, rng).tolist())
        innocent = (rng.integers(0, 2, (10_000, 100), np.int8) * 2 - 1) @ weighed.astype(np.float32)
        found += chance(float(innocent.max()), weighed, 10_000) < FALSE_ALARM
    return found
