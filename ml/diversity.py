"""Raises coverage at the least cost: a price for each title that is seldom shown.

The prices are those of an auction (dual ascent on "every title is shown to so many"): a title that too few of a sample
of viewers see gets dearer until it displaces others, which it does first where the viewer would hardly miss them.
"""

import numpy as np
from numpy.typing import NDArray

from ml.models.base import Columns, Scores, descending

Prices = NDArray[np.float32]  # (titles,), 0 to 1
SAMPLE = 2_000  # viewers, the latest ones
SHOWN = 3  # of them at least are to see a title
PLACES = 10  # that count as seeing
ROUNDS = 60
STEP = 1 / 15
FULL = 9.0  # times the chance of a candidate taken at random: what a price of 1 weighs at full diversity
USUAL = 0.1  # the diversity that the prices are learned at


def prices(columns: Columns, scores: Scores, titles: int) -> Prices:
    """From the candidates of some viewers: columns, -1 for none, and their scores, both (viewers, n)."""
    found = np.zeros(titles, np.float32)
    for _ in range(ROUNDS if len(columns) else 0):
        shown = ordered(columns, scores, found, USUAL)[:, :PLACES]
        seen = np.bincount(shown[shown >= 0], minlength=titles)
        found = np.clip(found + STEP * np.clip(1 - seen / SHOWN, -1, 1), 0, 1).astype(np.float32)
    return found


def ordered(columns: Columns, scores: Scores, cost: Prices, diversity: float) -> Columns:
    """Candidates by descending score or, with `diversity` (0 to 1), by chance plus price; -1 last."""
    worth = scores if not diversity else chances(scores) + np.float32(FULL * diversity) * cost[columns]
    order = descending(np.where(columns >= 0, worth, np.float32(-np.inf)))
    return np.take_along_axis(columns, order, axis=1)


def chances(scores: Scores) -> Scores:
    """Softmax over each row, times the number of candidates: 1 is the chance of one taken at random."""
    best = scores.max(axis=1, initial=-np.inf, keepdims=True)
    raised = np.exp(scores - np.where(np.isfinite(best), best, 0))
    real = np.maximum(np.isfinite(scores).sum(axis=1, keepdims=True), 1)
    return (raised * (real / np.maximum(raised.sum(axis=1, keepdims=True), 1e-9))).astype(np.float32)
