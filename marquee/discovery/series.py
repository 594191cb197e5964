"""Series: seasons in order, and which episode to watch next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why an episode comes next."""

    CONTINUE = "continue"  # begun and not finished
    NEXT = "next"  # the one before was finished
    FIRST = "first"  # nothing was begun, or all was seen


@dataclass(frozen=True, slots=True)
class Place:
    """Where a profile is in an episode, since when (Unix ms)."""

    at_ms: int
    finished: bool


def season_place(order: Sequence[int], season: int) -> tuple[int, int]:
    """Sorts seasons: those that people have put in order, then the others by their numbers."""
    return (order.index(season), 0) if season in order else (len(order), season)


def next_episode(episodes: Sequence[int], places: Mapping[int, Place]) -> tuple[int, Why] | None:
    """Of episodes in order, the one to watch now; None where there is none.

    It goes on from the one that was watched last: a season that was skipped stays skipped.
    """
    if not episodes:
        return None
    begun = [episode for episode in episodes if episode in places]
    if not begun:
        return episodes[0], Why.FIRST
    last = max(begun, key=lambda episode: places[episode].at_ms)
    if not places[last].finished:
        return last, Why.CONTINUE
    following = episodes[episodes.index(last) + 1 :]
    return (following[0], Why.NEXT) if following else (episodes[0], Why.FIRST)
