"""Features of the ranker for a viewer and a title, all from before the end of one dataset."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.dataset import DAY_MS, Dataset
from ml.models.popularity import counts
from ml.models.sequence import SITTING_MS, by_viewer

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Facts:
    """Features of viewers (rows, features), of titles (titles, features), and what pairs are made of."""

    viewer: Floats
    viewer_names: tuple[str, ...]
    title: Floats
    title_names: tuple[str, ...]
    taste: Floats  # (rows, title features), what share of the viewer's titles has each
    traits: Floats  # (titles, title features)
    likeness: Floats  # (titles, viewer features): log lift of a title among viewers with a feature
    people: Floats  # (rows, viewer features)


def facts(data: Dataset) -> Facts:
    """All features of a dataset as it is."""
    history = _history(data)
    viewer = _viewers(data, history)
    title = _titles(data, history)
    people, lift = likeness(data)
    taste, traits = _taste(data)
    return Facts(
        np.column_stack(list(viewer.values())).astype(np.float32),
        tuple(viewer),
        np.column_stack(list(title.values())).astype(np.float32),
        tuple(title),
        taste,
        traits,
        lift,
        people,
    )


@dataclass(frozen=True)
class _History:
    """The interactions, viewer after viewer in order of time."""

    user: NDArray[np.int32]
    item: NDArray[np.int32]
    time: NDArray[np.int64]
    place: NDArray[np.int64]  # within the viewer's own
    first: NDArray[np.int64]  # the viewer's first time
    now: int


def _history(data: Dataset) -> _History:
    order = by_viewer(data)
    user = data.user[order]
    count = np.bincount(user, minlength=data.shape[0])
    starts = np.cumsum(count) - count
    time = data.time[order]
    now = int(data.time[-1]) if len(data) else 0
    return _History(user, data.item[order], time, np.arange(len(user)) - starts[user], time[starts[user]], now)


def _mean(values: NDArray, groups: NDArray[np.int32], size: int, empty: float = np.nan) -> NDArray[np.float64]:
    total = np.bincount(groups, minlength=size)
    added = np.bincount(groups, weights=values, minlength=size)
    return np.where(total > 0, added / np.maximum(total, 1), empty)


def _viewers(data: Dataset, history: _History) -> dict[str, NDArray]:
    rows = data.shape[0]
    count = np.bincount(history.user, minlength=rows)
    ends = np.cumsum(count)
    some = count > 0
    last, first = np.full(rows, history.now), np.full(rows, history.now)
    last[some], first[some] = history.time[ends[some] - 1], history.time[(ends - count)[some]]
    sitting = history.time >= last[history.user] - SITTING_MS
    popular = np.log1p(counts(data))
    return {
        "viewer_count": np.log1p(count),
        "viewer_idle_days": (history.now - last) / DAY_MS,
        "viewer_age_days": (history.now - first) / DAY_MS,
        "viewer_span_days": (last - first) / DAY_MS,
        "viewer_sitting": np.log1p(np.bincount(history.user[sitting], minlength=rows)),
        "viewer_days": np.log1p(_days(history, rows)),
        "viewer_popularity": _mean(popular[history.item], history.user, rows),
        "viewer_latest_popularity": _mean(popular[history.item[sitting]], history.user[sitting], rows),
    }


def _days(history: _History, rows: int) -> NDArray[np.int64]:
    day = history.time // DAY_MS
    new = np.ones(len(day), bool)
    new[1:] = (day[1:] != day[:-1]) | (history.user[1:] != history.user[:-1])
    return np.bincount(history.user[new], minlength=rows)


def _titles(data: Dataset, history: _History) -> dict[str, NDArray]:
    size = data.shape[1]
    everyone, month, week = counts(data), counts(data, 30), counts(data, 7)
    returning = history.time > history.first + DAY_MS
    lately = returning & (history.time > history.now - 60 * DAY_MS)
    begun = np.full(size, history.now)
    np.minimum.at(begun, data.item, data.time)
    named = {
        "title_count": np.log1p(everyone),
        "title_month": np.log1p(month),
        "title_week": np.log1p(week),
        "title_trend": _share(month) - _share(everyone),
        "title_week_trend": _share(week) - _share(month),
        "title_returning": np.log1p(np.bincount(history.item[returning], minlength=size)),
        "title_returning_lately": np.log1p(np.bincount(history.item[lately], minlength=size)),
        "title_return_share": _mean(returning, history.item, size),
        "title_place": _mean(np.log1p(history.place), history.item, size),
        "title_age_days": (history.now - begun) / DAY_MS,
    }
    if data.year is not None:
        named["title_year"] = data.year
    if data.published is not None:
        named["title_published_days"] = np.where(data.published > 0, (history.now - data.published) / DAY_MS, np.nan)
    return named


def _share(count: NDArray) -> NDArray:
    return np.log((count + 1) / (count.sum() + len(count)))


def likeness(data: Dataset) -> tuple[Floats, Floats]:
    """People (rows, viewer features) and log lift (titles, viewer features): how much likelier than other titles a
    title is among those who have the feature; smoothed."""
    rows, size = data.shape
    if data.user_features is None:
        return np.zeros((rows, 0), np.float32), np.zeros((size, 0), np.float32)
    people = data.user_features.toarray()
    watched = np.asarray((data.matrix().T @ people), dtype=np.float64)
    share = watched.sum(axis=0) / max(watched.sum(), 1)
    total = counts(data)[:, None]
    strength = 20.0  # viewers that the prior is worth
    lift = np.log((watched + strength * share + 1e-9) / ((total + strength) * share + 1e-9))
    return people, lift.astype(np.float32)


def _taste(data: Dataset) -> tuple[Floats, Floats]:
    if data.item_features is None:
        return np.zeros((data.shape[0], 0), np.float32), np.zeros((data.shape[1], 0), np.float32)
    features = data.item_features[:, np.flatnonzero(np.diff(data.item_features.tocsc().indptr) > 2)]
    traits = features.toarray()
    spread = np.sqrt(np.maximum((traits**2).sum(axis=1, keepdims=True), 1))
    usual = np.log((traits.sum(axis=0) + 1) / (len(traits) + 1))
    watched = np.asarray(data.matrix() @ traits)
    count = np.maximum(np.bincount(data.user, minlength=data.shape[0]), 1)[:, None]
    base = np.exp(usual)[None]
    taste = (watched + 5 * base) / (count + 5)
    return np.log(taste / base).astype(np.float32), (traits / spread).astype(np.float32)
