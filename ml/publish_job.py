"""Publishes the champion's recommendations: from the registry and the lake to the catalogue."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from marquee.contracts.errors import NotFound
from marquee.contracts.lake import PROFILES
from ml import champion_files, publish, registry, tracking, training_tables, viewer_index
from ml.champion import Champion
from ml.registry import Version


def publish_champion() -> int:
    """Publish what the champion recommends to everybody; returns the generation. Raises NotFound without a champion."""
    return publish.publish(answers(champion()))


def champion() -> Version:
    """The version that viewers get. Raises NotFound without one."""
    crowned = registry.aliased(registry.CHAMPION)
    if crowned is None:
        raise NotFound("no model has been promoted yet", where=registry.NAME)
    return crowned


def answers(version: Version, recommend: publish.Recommend | None = None) -> publish.Answers:
    """A version's model, with the viewers and titles that its rows and columns stand for; `recommend` where the lists
    have been computed already."""
    with tracking.fetched_model(registry.NAME, version.number) as folder:
        model = champion_files.load(folder / "champion")
        titles = np.load(folder / "titles.npy", allow_pickle=False)
    users = viewer_index.read(version.run_id, int(version.tags["viewers"]))
    return publish.Answers(version.model, users, titles, recommend or _recommender(model, users, titles), model.similar)


def _recommender(model: Champion, users: NDArray[np.int64], titles: NDArray[np.int64]) -> publish.Recommend:
    """What the model recommends, less what viewers have refused since it was made."""
    refused = _refused(users, titles)
    picks = _picks(users, titles, ~model.known, refused)

    def recommend(rows: NDArray[np.int64], count: int) -> NDArray[np.int32]:
        out = np.full((len(rows), count), -1, np.int32)
        depths = np.array([count + len(refused.get(row, ())) for row in rows.tolist()], np.int64)
        for depth, places in _alike(np.maximum(depths, model.params["candidates"])):
            found = _best(model, picks, rows[places], depth)
            out[places] = _without(found, rows[places], refused)[:, :count]
        return out

    return recommend


def _alike(depths: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Each depth with the places where it is. Candidates are ordered by what they are like among themselves, so that
    what a viewer gets would otherwise depend on how much others refused."""
    for depth in np.unique(depths).tolist():
        yield depth, np.flatnonzero(depths == depth)


def _best(model: Champion, picks: dict[int, list[int]], rows: NDArray[np.int64], depth: int) -> NDArray[np.int32]:
    """(rows, depth) columns; those who have watched nothing yet get what goes with their picks."""
    found = model.recommend(rows, depth)
    chosen = [place for place, row in enumerate(rows.tolist()) if row in picks]
    if chosen:
        folded = model.fold_in([picks[int(rows[place])] for place in chosen], n=depth)
        found[chosen, : folded.shape[1]] = folded
    return found


def _refused(users: NDArray[np.int64], titles: NDArray[np.int64]) -> dict[int, set[int]]:
    """By row, the columns of what viewers do not want now: a model may be older than that."""
    row, column = ({each: place for place, each in enumerate(ids.tolist())} for ids in (users, titles))
    found: dict[int, set[int]] = {}
    for user, item in training_tables.unwanted()[["user", "item"]].itertuples(index=False):
        if user in row and item in column:
            found.setdefault(row[user], set()).add(column[item])
    return found


def _without(found: NDArray[np.int32], rows: NDArray[np.int64], refused: dict[int, set[int]]) -> NDArray[np.int32]:
    """The lists without what is refused; what comes after moves up."""
    for place, row in enumerate(rows.tolist()):
        if row in refused:
            kept = found[place][~np.isin(found[place], sorted(refused[row]))]
            found[place] = np.append(kept, np.full(found.shape[1] - len(kept), -1, found.dtype))
    return found


def _picks(
    users: NDArray[np.int64], titles: NDArray[np.int64], new: NDArray[np.bool_], refused: dict[int, set[int]]
) -> dict[int, list[int]]:
    """By row, the columns of what viewers who have watched nothing yet picked and did not refuse later."""
    row = {user: place for place, user in enumerate(users.tolist()) if new[place]}
    column = {title: place for place, title in enumerate(titles.tolist())}
    found = {}
    for profile in training_tables.read(PROFILES).select(["profile_id", "picks"]).to_pylist():
        own = row.get(profile["profile_id"], -1)
        known = [column[title] for title in profile["picks"] or [] if title in column]
        picked = [each for each in known if each not in refused.get(own, ())]
        if picked and own >= 0:
            found[own] = picked
    return found
