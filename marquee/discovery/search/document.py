"""What the index holds of a title."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credited:
    """Somebody credited for a title; `character` is the part of an actor."""

    person_id: int
    name: str
    character: str | None = None


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """A title as the index takes it.

    `places` are the territories where a window is open now, "*" being the world. `popularity` is 0 to 1. A series
    without names goes by its slug.
    """

    title_id: int
    names: dict[str, str]  # by language
    synopses: tuple[str, ...]
    credits: tuple[Credited, ...]
    genres: tuple[str, ...]
    kind: str
    language: str  # the original one
    year: int
    rating: str
    series: str | None
    places: frozenset[str]
    popularity: float = 0.0
    series_names: tuple[str, ...] = ()
