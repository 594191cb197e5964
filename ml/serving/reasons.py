"""Reasons for rows: a sentence for people, a stable code for programs."""

from collections.abc import Sequence
from typing import NamedTuple

from ml.serving.page import Row


class Words(NamedTuple):
    """A row's heading, and the reason below it."""

    title: str
    reason: str


PLAIN = {
    "begun": Words("Continue watching", "From where you stopped"),
    "listed": Words("My list", "What you have put aside"),
    "model": Words("For you", "Chosen from what you have watched, and what people with a taste like yours went on to"),
    "recent": Words("For you", "Like what you have just watched"),
    "most_played": Words("Top 10", "What most people here are playing"),
    "rising": Words("Trending in your languages", "Played more and more from day to day"),
    "newest": Words("New on Marquee", "The latest to arrive"),
    "liked_by_few": Words("Hidden gems", "Few have found them; those who did stayed to the end"),
    "leaving": Words("Leaving soon", "The last days to watch them"),
}


def words_of(row: Row, names: Sequence[str]) -> Words:
    """The words of a row; `names` are those of its seeds, in the viewer's language."""
    match row.reason:
        case "watched":
            return Words(f"Because you watched {names[0]}", "Closest to it by who watches them and what they are")
        case "picks":
            return Words("For you", f"Because you picked {_list(names)}") if names else Words("For you", "Your picks")
        case "liked":
            return Words(f"Because you liked {names[0]}", "Closest to it by who watches them and what they are")
        case plain:
            return PLAIN[plain]


def _list(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
