"""A small world with known tastes: half of the viewers like one genre, half the other; titles come and go."""

import numpy as np
import pandas as pd

from ml.dataset import DAY_MS, Dataset, from_frames

VIEWERS, TITLES, DAYS = 240, 60, 100
START = 1_600_000_000_000
FIRST = 10**15  # viewers' ids are no rows
QUICK = {"windows": [0.6, 0.8], "seeds": 1, "rounds": 30, "candidates": 30, "least_interactions": 500}


def frames(seed: int = 0, viewers: int = VIEWERS) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Interactions, titles and viewers. A viewer comes in on some day, sits several times, and mostly watches titles
    of the genre that its group likes, released lately; even profiles like even titles."""
    random = np.random.default_rng(seed)
    released = np.sort(random.integers(-60, DAYS - 5, TITLES))
    rows = []
    for viewer in range(viewers):
        joined = viewer % 80 if viewer % 3 == 0 else 0
        for day in np.sort(random.integers(joined, DAYS, 6)):
            age = np.maximum(day - released, 0)
            taste = np.where(np.arange(TITLES) % 2 == viewer % 2, 4.0, 1.0)
            weight = np.where(released <= day, taste * 0.5 ** (age / 30) + 0.02, 0)
            chosen = random.choice(TITLES, 4, replace=False, p=weight / weight.sum())
            times = START + int(day) * DAY_MS + random.integers(0, 7_000_000, 4)
            rows += [(FIRST + viewer, 500 + int(title), int(at)) for title, at in zip(chosen, times, strict=True)]
    titles = pd.DataFrame({"item": 500 + np.arange(TITLES), "genres": [[f"genre {t % 2}"] for t in range(TITLES)]})
    titles["year"] = 1980 + np.arange(TITLES) % 40
    people = pd.DataFrame({"user": FIRST + np.arange(viewers), "likes": [f"group {v % 2}" for v in range(viewers)]})
    people["kids"] = [v % 10 == 0 for v in range(viewers)]
    return pd.DataFrame(rows, columns=["user", "item", "time"]), titles, people


def world(seed: int = 0, viewers: int = VIEWERS) -> Dataset:
    return from_frames(*frames(seed, viewers))


def tiny() -> Dataset:
    """Three viewers, five titles, of which one was watched by nobody."""
    seen = pd.DataFrame({"user": [1, 1, 2, 2, 3], "item": [10, 11, 11, 12, 13], "time": [5, 6, 7, 8, 9]})
    return from_frames(
        seen, pd.DataFrame({"item": [10, 11, 12, 13, 14], "genres": [["a"], ["a"], ["b"], ["b"], ["b"]]})
    )
