"""Colour differences of high dynamic range: ICtCp (ITU-R BT.2100-2, table 7) and ΔE ITP (ITU-R BT.2124-0)."""

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.float64]
"""n × 3: linear light in cd/m², R'G'B' of BT.2020, or I, T, P."""

M1, M2 = 2610 / 16384, 2523 / 4096 * 128  # SMPTE ST 2084
C1, C2, C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
PEAK = 10_000.0
LMS = np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096
ICTCP = np.array([[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]) / 4096
TO_2020 = np.array(
    [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
)  # from BT.709, BT.2087
JUST_NOTICEABLE = 720.0  # so that 1 is a just noticeable difference


def pq(nits: Colours) -> Colours:
    """The signal, 0 to 1, of linear light (inverse EOTF)."""
    y = (np.clip(nits, 0, PEAK) / PEAK) ** M1
    return np.asarray(((C1 + C2 * y) / (1 + C3 * y)) ** M2)


def from_pq(signal: Colours) -> Colours:
    """Linear light of a signal (EOTF)."""
    v = np.clip(signal, 0, 1) ** (1 / M2)
    return np.asarray(PEAK * (np.maximum(v - C1, 0) / (C2 - C3 * v)) ** (1 / M1))


def itp(linear_2020: Colours) -> Colours:
    """I, T and P of linear light."""
    ictcp = pq(linear_2020 @ LMS.T) @ ICTCP.T
    return np.asarray(ictcp * [1, 0.5, 1])


def difference(first: Colours, second: Colours) -> Colours:
    """ΔE ITP of two lists of colours in linear light."""
    return np.asarray(JUST_NOTICEABLE * np.linalg.norm(itp(first) - itp(second), axis=1))


def hue_difference(first: Colours, second: Colours) -> Colours:
    """The part of ΔE ITP that is hue: what remains when lightness and chroma may be anything (ΔH of CIE 1976)."""
    a, b = itp(first)[:, 1:], itp(second)[:, 1:]
    chroma = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.asarray(JUST_NOTICEABLE * np.sqrt(np.maximum(0, 2 * (chroma - np.sum(a * b, axis=1)))))
