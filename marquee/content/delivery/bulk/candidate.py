"""A title that an import has found, or a reason why something found is none."""

from pathlib import Path
from typing import Any, NamedTuple

from anyascii import anyascii

from marquee.content.delivery.quarantine import safe_slug


class Candidate(NamedTuple):
    """A delivery as it would be made. `files` are the sources by their delivered names; `notes` are for people."""

    source: str  # as people know it: a path within the folder, or a line of the table
    slug: str
    sidecar: dict[str, Any]
    files: dict[str, Path]
    notes: tuple[str, ...] = ()


class Passed(NamedTuple):
    """Something that is not taken, and why."""

    source: str
    reason: str


def slug_of(*words: str | int) -> str:
    """A slug of words in any script: "Größe", 2001 is grosse-2001."""
    return safe_slug(anyascii(" ".join(str(word) for word in words if str(word))))


def film_slug(title: str, year: int) -> str:
    """Of films with their year, for new versions of old films bear their names."""
    return slug_of(title, year)


def episode_slug(series: str, season: int, number: int) -> str:
    return slug_of(series, f"s{season:02}e{number:02}")
