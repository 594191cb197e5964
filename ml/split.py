"""Splits by time without leaks: what a model may know ends before what it is asked about begins."""

import numpy as np

from marquee.contracts.errors import InvalidInput
from ml.dataset import Dataset

Split = tuple[Dataset, Dataset]


def temporal(data: Dataset, *, share: float | None = None, at: int | None = None) -> Split:
    """Train and test, cut at one moment for everybody: `at` (Unix ms), or where `share` of the interactions lies
    before. All events of the moment itself are test. Raises InvalidInput when either side would be empty."""
    if (share is None) == (at is None):
        raise InvalidInput("a temporal split has one cut", where="temporal", expected="share or at")
    if at is None:
        at = moment(data, share or 0.0)
    train, test = data.before(at), data.select(data.time >= at)
    if not len(train) or not len(test):
        raise InvalidInput(
            "nothing on one side of the cut", where="temporal", got=f"{len(train)} and {len(test)} events"
        )
    return train, test


def moment(data: Dataset, share: float) -> int:
    """The time (Unix ms) before which about `share` of the interactions lie."""
    if not 0 < share < 1 or not len(data):
        raise InvalidInput("no such share of the data", where="temporal", expected="0 < share < 1", got=str(share))
    return int(data.time[int(round(share, 9) * len(data))])


def windows(data: Dataset, count: int, *, share: float = 0.1, test_share: float | None = None) -> list[Split]:
    """Backtests: the newest `share` of the data, the share before it, and so on, newest first; each with all that came
    before it. With `test_share` a window reaches that far instead of up to the next one's start."""
    splits = []
    for step in range(1, count + 1):
        start = 1 - step * share
        if start <= 0:
            break
        at, end = moment(data, start), min(1.0, start + (test_share or share))
        until = moment(data, end) if end < 1 - 1e-9 else int(data.time[-1]) + 1
        test = data.select((data.time >= at) & (data.time < until))
        if len(test) and len(data.before(at)):
            splits.append((data.before(at), test))
    return splits


def per_item_random(data: Dataset, *, share: float = 0.75, seed: int = 0) -> Split:
    """A random share of every title's interactions to train on, the rest to test (the Recommenders project's
    protocol for MovieLens 100k). It leaks the future by design: for comparison with published figures only."""
    random = np.random.default_rng(seed)
    order = np.lexsort((random.random(len(data)), data.item))
    counts = np.bincount(data.item, minlength=data.shape[1])
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    chosen = np.arange(len(data)) - starts < np.round(np.repeat(counts, counts) * share)
    mask = np.zeros(len(data), bool)
    mask[order[chosen]] = True
    return data.select(mask), data.select(~mask)
