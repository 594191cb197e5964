"""Links of mobile networks, second by second, made anew from a seed in the shapes that public logs have.

The shapes are those of throughput logged on commutes: HSDPA in Oslo (Riiser et al., "Commute Path Bandwidth Traces
from 3G Networks", MMSys 2013) and LTE in Ghent (van der Hooft et al., "HTTP/2-Based Adaptive Streaming of HEVC Video
over 4G/LTE Networks", 2016). Neither log is part of Marquee: means, spreads and drop-outs here are of their order.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

LEAST_KBPS = 24.0  # in a drop-out something still trickles


@dataclass(frozen=True)
class Kind:
    """A way of being under way.

    The logarithm of the rate wanders about its mean: `spread` is its standard deviation, `memory` how much of a
    second's deviation is left in the next. Drop-outs begin so often a minute and last so many seconds on average.
    """

    name: str
    mean_kbps: float
    spread: float
    memory: float
    latency_ms: int
    outages_a_minute: float
    outage_s: float


KINDS = (
    Kind("3G bus", 1_500, 0.55, 0.90, 110, 0.4, 3),
    Kind("3G metro", 1_000, 0.65, 0.92, 130, 0.7, 5),
    Kind("3G train", 1_800, 0.70, 0.94, 110, 0.5, 5),
    Kind("4G on foot", 9_000, 0.45, 0.90, 45, 0.1, 2),
    Kind("4G car", 14_000, 0.70, 0.90, 50, 0.3, 2),
    Kind("4G train", 7_000, 0.90, 0.94, 60, 0.6, 4),
)
STRETCH_S = (60, 180)  # how long one kind lasts


@dataclass(frozen=True)
class Second:
    """What the link does for a second."""

    kind: str
    kbps: float
    latency_ms: int


def trace(seconds: int, seed: int) -> list[Second]:
    """A journey over all kinds of links; the same seed gives the same one."""
    return list(islice(_journey(random.Random(seed)), seconds))


def _journey(chance: random.Random) -> Iterator[Second]:
    while True:
        for kind in chance.sample(KINDS, len(KINDS)):
            yield from _stretch(kind, chance.randint(*STRETCH_S), chance)


def _stretch(kind: Kind, seconds: int, chance: random.Random) -> Iterator[Second]:
    deviation, out_s = chance.gauss(0, kind.spread), 0
    for _ in range(seconds):
        deviation = kind.memory * deviation + math.sqrt(1 - kind.memory**2) * chance.gauss(0, kind.spread)
        if out_s == 0 and chance.random() < kind.outages_a_minute / 60:
            out_s = max(1, round(chance.expovariate(1 / kind.outage_s)))
        rate = LEAST_KBPS if out_s else kind.mean_kbps * math.exp(deviation - kind.spread**2 / 2)
        out_s = max(0, out_s - 1)
        yield Second(kind.name, max(LEAST_KBPS, rate), kind.latency_ms)
