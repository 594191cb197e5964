"""Labels of the boards that rate films: where each is shown, and the platform's age that it stands for.

A label without an age of its own ("parental guidance") stands for 6; an age between two of ours for the higher one.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator

BoardName = Literal["acb", "bbfc", "cnc", "eirin", "fsk", "mpa", "tvpg"]


class Board(NamedTuple):
    """A board: the territory it rates for, how a label is written, and the age by label, from the mildest on."""

    territory: str
    written: str
    ages: dict[str, str]


BOARDS: dict[BoardName, Board] = {
    "acb": Board("AU", "{}", {"G": "all", "PG": "6", "M": "16", "MA15+": "16", "R18+": "18"}),
    "bbfc": Board(
        "GB", "{}", {"U": "all", "PG": "6", "12A": "12", "12": "12", "15": "16", "18": "18", "X": "18", "R18": "18"}
    ),
    "cnc": Board("FR", "CNC {}", {"TP": "all", "10": "12", "12": "12", "16": "16", "18": "18"}),
    "eirin": Board("JP", "{}", {"G": "all", "PG12": "12", "R15+": "16", "R18+": "18"}),
    "fsk": Board("DE", "FSK {}", {"0": "all", "6": "6", "12": "12", "16": "16", "18": "18"}),
    "mpa": Board("US", "{}", {"G": "all", "PG": "6", "PG-13": "12", "R": "16", "NC-17": "18"}),
    "tvpg": Board("US", "{}", {"TV-Y": "all", "TV-G": "all", "TV-Y7": "6", "TV-PG": "6", "TV-14": "12", "TV-MA": "16"}),
}
ORDER = ("all", "6", "12", "16", "18")


def age_of(label: str) -> str | None:
    """The age that a label of any board stands for, whatever its case; None for one that no board has."""
    said = label.casefold()
    found = [age for board in BOARDS.values() for each, age in board.ages.items() if each.casefold() == said]
    return max(found, key=ORDER.index, default=None)


def strictest(ratings: Mapping[str, str]) -> str:
    """The highest age that any of the boards asks for; labels that are none count for nothing."""
    ages = [board.ages.get(ratings.get(name, ""), "all") for name, board in BOARDS.items()]
    return max(ages, key=ORDER.index)


def shown_in(territory: str, ratings: Mapping[str, str]) -> str | None:
    """The label as viewers of a territory know it; None where no board of theirs has rated it."""
    own = (name for name, board in BOARDS.items() if board.territory == territory and name in ratings)
    return next((BOARDS[name].written.format(ratings[name]) for name in own), None)


def _known(ratings: dict[BoardName, str]) -> dict[BoardName, str]:
    for name, label in ratings.items():
        if label not in BOARDS[name].ages:
            raise ValueError(f"{name} has the labels {', '.join(BOARDS[name].ages)}; got {label!r}")
    return ratings


Ratings = Annotated[dict[BoardName, str], AfterValidator(_known)]
"""A label by board. Raises ValueError for a board or a label that does not exist."""
