"""Series as pages for viewers need them. One of which nothing is said is known by its slug alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from marquee.catalogue.models import SeriesRow
from marquee.catalogue.rows import fetched

RECORDS = "select id, version, slug, description, artwork from series"


@dataclass(frozen=True, slots=True)
class SeriesNames:
    """What a series is called, by language; `language` is the original one."""

    language: str
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class SeriesPicture:
    """Where a picture lies on edges and origins, and in which widths it is there too (pixels)."""

    path: str
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SeriesRecord:
    """What is said of a series. `seasons` are in their order, `artwork` are its own pictures by kind.

    `artwork_of` is the slug of the episode that stands for it.
    """

    series_id: int
    version: int
    slug: str
    named: SeriesNames
    synopses: dict[str, str]
    genres: tuple[str, ...]
    finished: bool
    seasons: tuple[int, ...]
    season_names: dict[int, dict[str, str]]
    artwork: dict[str, SeriesPicture]
    artwork_of: str | None


def readable(slug: str) -> str:
    """A slug as a person would write it."""
    return slug.replace("-", " ").title()


def records(connection: Connection, held: Mapping[str, SeriesRecord]) -> dict[str, SeriesRecord]:
    """All that there are, by slug; of one that has not changed, the very one that is held."""
    found = {}
    for series_id, version, slug, description, artwork in fetched(connection, RECORDS):
        known = held.get(slug)
        same = known is not None and (known.series_id, known.version) == (series_id, version)
        found[slug] = known if known and same else _record(series_id, version, slug, description, artwork)
    return found


def names(session: Session, slug: str | None) -> SeriesNames | None:
    """What a series is called; None where nothing is said of it."""
    if slug is None:
        return None
    description = session.scalar(select(SeriesRow.description).where(SeriesRow.slug == slug))
    return _names(description) if description else None


def _names(description: Mapping[str, Any]) -> SeriesNames:
    texts = description["texts"]
    return SeriesNames(description["original_language"], {language: text["title"] for language, text in texts.items()})


def _record(
    series_id: int, version: int, slug: str, description: Mapping[str, Any], artwork: Mapping[str, Any]
) -> SeriesRecord:
    texts = description["texts"]
    return SeriesRecord(
        series_id=series_id,
        version=version,
        slug=slug,
        named=_names(description),
        synopses={language: text["synopsis"] for language, text in texts.items() if text["synopsis"]},
        genres=tuple(description["genres"]),
        finished=description["finished"],
        seasons=tuple(each["season"] for each in description["seasons"]),
        season_names={each["season"]: each["names"] for each in description["seasons"]},
        artwork={kind: SeriesPicture(held["path"], tuple(held["widths"])) for kind, held in artwork.items()},
        artwork_of=description["artwork_of"],
    )
