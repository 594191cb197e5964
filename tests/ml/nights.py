"""Nights to train on: viewers who keep to two genres each, watching one title after another."""

from typing import Any

import numpy as np
import pandas as pd

from ml.dataset import Dataset, from_frames

DAY_MS = 86_400_000
START = 1_780_000_000_000
QUICK: dict[str, Any] = {"windows": [0.6, 0.8], "rounds": 25, "seeds": 1}
VIEWERS, TITLES, GENRES = 240, 60, 6


def night(*, shuffled: bool = False, seed: int = 3, viewers: int = VIEWERS, each: int = 14) -> Dataset:
    """A dataset; `shuffled` gives every viewer titles of the same popularity at random: there is nothing to learn."""
    random = np.random.default_rng(seed)
    popularity = 1.0 / np.arange(1, TITLES + 1) ** 0.5
    genre = np.arange(TITLES) % GENRES
    rows = []
    for viewer in range(viewers):
        liked = random.choice(GENRES, 2, replace=False)
        chance = popularity * np.where(np.isin(genre, liked), 12.0, 0.3)
        watched = random.choice(TITLES, each, replace=False, p=chance / chance.sum())
        at = START + np.sort(random.integers(0, 60 * DAY_MS, each))
        rows += [(1000 + viewer, 1 + int(title), int(time)) for title, time in zip(watched, at, strict=True)]
    frame = pd.DataFrame(rows, columns=["user", "item", "time"])
    if shuffled:
        frame["item"] = random.permutation(frame["item"].to_numpy())
        frame = frame.drop_duplicates(["user", "item"])
    items = pd.DataFrame({"item": range(1, TITLES + 1), "genres": [[f"g{g}"] for g in genre], "language": "en"})
    profiles = pd.DataFrame(
        {"user": range(1000, 1000 + viewers), "kids": [viewer % 5 == 0 for viewer in range(viewers)]}
    )
    return from_frames(frame, items, profiles)
