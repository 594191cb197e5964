"""Ranks what the index has found: how near its names are to the query, what the profile likes."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

from marquee.discovery.search.schema import Entry

NEARNESS = 4.0  # for a name that is the query; beside the 10 of a word found in a name
TASTE = 0.4  # for a title with a genre that the profile likes
SWAPPED = 0.95  # of the nearness of a name with the words in another order
SCALE = 10_000  # keys are whole numbers, for cursors


class Ranked(NamedTuple):
    """A title and its place: by key, the highest first, and the newest of those that are alike."""

    key: int
    title_id: int


def ranked(
    words: Sequence[str],
    scores: Mapping[int, float],
    entries: Mapping[int, Entry],
    tastes: Collection[str],
) -> list[Ranked]:
    """The titles in order; `scores` are the index's, `tastes` the genres that the profile likes."""
    near = _nearness(words, scores, entries)
    keys = {
        title_id: score / len(words) + NEARNESS * near.get(title_id, 0.0) + TASTE * _suits(entries[title_id], tastes)
        for title_id, score in scores.items()
        if title_id in entries
    }
    return sorted((Ranked(round(key * SCALE), title_id) for title_id, key in keys.items()), reverse=True)


def _suits(entry: Entry, tastes: Collection[str]) -> bool:
    return any(genre in tastes for genre in entry.facets[0])


def _nearness(words: Sequence[str], wanted: Mapping[int, float], entries: Mapping[int, Entry]) -> dict[int, float]:
    """0 to 1 of the name that is nearest to the query, with its words in either order."""
    names = [(title_id, name) for title_id in wanted if title_id in entries for name in entries[title_id].names]
    best: dict[int, float] = {}
    orders = [(" ".join(words), [name for _, name in names], 1.0)]
    if len(words) > 1:
        orders.append((_sorted(words), [_sorted(name.split()) for _, name in names], SWAPPED))
    for query, choices, weight in orders:
        for _, score, place in process.extract(query, choices, scorer=fuzz.ratio, processor=None, limit=None):
            title_id = names[place][0]
            best[title_id] = max(best.get(title_id, 0.0), weight * score / 100)
    return best


def _sorted(words: Sequence[str]) -> str:
    return " ".join(sorted(words))
