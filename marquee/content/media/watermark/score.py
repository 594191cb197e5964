"""Holds what a capture shows against the codes of sessions, and bounds the chance that an innocent one is named.

The score is the sum over segments of weight × (+1 where session and capture agree, -1 where not): the symmetric score
of Tardos codes (Škorić, Katzenbeisser and Celik 2008) for even chances. The bits of a session that has nothing to do
with the capture are even coins, whatever the capture shows and by however many copies it was mixed. So Chernoff's bound
P(score >= t) <= exp(-λt) Π cosh(λ wᵢ) holds for every λ > 0, and times the number of sessions that are asked about
(union bound) it is the chance that any innocent one of them is named.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from marquee.content.media.watermark.pattern import Plane

UNREAD, READ = 1.0, 4.0  # statistics, below which a segment counts nothing, and from which on it counts whole
FALSE_ALARM = 1e-6  # at most, for a session that is named
LAMBDAS = np.geomspace(1e-3, 20, 400)
BATCH = 20_000  # sessions
KEPT = 10


@dataclass(frozen=True)
class Suspect:
    """A session with its score. `agrees` of `read` segments that count; `chance` bounds that of any innocent session
    among all that were asked about to score as much."""

    session_id: int
    score: float
    agrees: int
    read: int
    chance: float

    @property
    def named(self) -> bool:
        return self.chance < FALSE_ALARM


def weights(values: Sequence[float]) -> Plane:
    """What segments count, 0 to 1, by their statistics; signed: above 0 for the first variant."""
    statistics = np.asarray(values, np.float64)
    return np.sign(statistics) * np.clip((np.abs(statistics) - UNREAD) / (READ - UNREAD), 0, 1)


def chance(score: float, weighed: Plane, sessions: int) -> float:
    """The bound above, for the best λ of a table; 1 at most."""
    if score <= 0:
        return 1.0
    each = np.abs(weighed)[None, :] * LAMBDAS[:, None]
    exponent = (each + np.log1p(np.exp(-2 * each)) - math.log(2)).sum(axis=1) - LAMBDAS * score
    return float(min(1.0, max(1, sessions) * math.exp(float(exponent.min()))))


def suspects(values: Sequence[float], codes: Iterable[tuple[int, bytes]], segments: Sequence[int]) -> list[Suspect]:
    """The sessions that agree best with the statistics of these segments, the best first.

    `codes` are sessions with the bits of their codes, eight to a byte, all of one length. They are taken in batches.
    """
    weighed, best, asked = weights(values), list[tuple[float, int, int]](), 0
    for ids, bits in _batches(codes, np.asarray(segments)):
        asked += len(ids)
        agree = 1.0 - 2.0 * bits
        scores = agree @ weighed
        agrees = ((agree * weighed) > 0).sum(axis=1)
        best += zip(scores.tolist(), ids, agrees.tolist(), strict=True)
        best = sorted(best, reverse=True)[:KEPT]
    read = int(np.count_nonzero(weighed))
    return [Suspect(who, round(s, 2), agrees, read, chance(s, weighed, asked)) for s, who, agrees in best]


def _batches(
    codes: Iterable[tuple[int, bytes]], segments: NDArray[np.int64]
) -> Iterable[tuple[list[int], NDArray[np.uint8]]]:
    """Sessions with the bits of these segments (sessions, segments)."""
    ids, coded = list[int](), list[bytes]()
    for who, code in codes:
        ids.append(who)
        coded.append(code)
        if len(ids) == BATCH:
            yield ids, _bits(coded, segments)
            ids, coded = [], []
    if ids:
        yield ids, _bits(coded, segments)


def _bits(coded: Sequence[bytes], segments: NDArray[np.int64]) -> NDArray[np.uint8]:
    packed = np.frombuffer(b"".join(coded), np.uint8).reshape(len(coded), -1)
    bits: NDArray[np.uint8] = packed[:, segments // 8] >> (7 - segments % 8).astype(np.uint8) & np.uint8(1)
    return bits
