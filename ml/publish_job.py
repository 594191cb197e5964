"""Publishes the champion's recommendations: from the registry and the lake to the catalogue."""

import numpy as np
from numpy.typing import NDArray

from marquee.contracts.errors import NotFound
from marquee.contracts.lake import PROFILES
from ml import champion_files, publish, registry, tracking, training_tables, viewer_index
from ml.registry import Version


def publish_champion() -> int:
    """Publish what the champion recommends to everybody; returns the generation. Raises NotFound without a champion."""
    crowned = registry.aliased(registry.CHAMPION)
    if crowned is None:
        raise NotFound("no model has been promoted yet", where=registry.NAME)
    return publish.publish(answers(crowned))


def answers(version: Version) -> publish.Answers:
    """A version's model, with the viewers and titles that its rows and columns stand for."""
    with tracking.fetched_model(registry.NAME, version.number) as folder:
        champion = champion_files.load(folder / "champion")
        titles = np.load(folder / "titles.npy", allow_pickle=False)
    users = viewer_index.read(version.run_id, int(version.tags["viewers"]))
    picks = _picks(users, titles, ~champion.known)

    def recommend(rows: NDArray[np.int64], count: int) -> NDArray[np.int32]:
        found = champion.recommend(rows, count)
        chosen = [place for place, row in enumerate(rows.tolist()) if row in picks]
        if chosen:
            folded = champion.fold_in([picks[int(rows[place])] for place in chosen], n=count)
            found[chosen, : folded.shape[1]] = folded
        return found

    return publish.Answers(version.model, users, titles, recommend, champion.similar)


def _picks(users: NDArray[np.int64], titles: NDArray[np.int64], new: NDArray[np.bool_]) -> dict[int, list[int]]:
    """By row, the columns of what viewers who have watched nothing yet picked at onboarding."""
    row = {user: place for place, user in enumerate(users.tolist()) if new[place]}
    column = {title: place for place, title in enumerate(titles.tolist())}
    found = {}
    for profile in training_tables.read(PROFILES).select(["profile_id", "picks"]).to_pylist():
        picked = [column[title] for title in profile["picks"] or [] if title in column]
        if picked and profile["profile_id"] in row:
            found[row[profile["profile_id"]]] = picked
    return found
