"""Series: what is said of one, as the sidecar `series.yaml` has it and as people edit it."""

from typing import Self

from pydantic import Field, model_validator

from marquee.contracts.base import Contract
from marquee.contracts.title import ArtworkKind, FileName, Language, LocalisedText, Slug, Text


class SeasonWords(Contract):
    """A season by its number, as episodes have it, and what it is called in each language."""

    season: int = Field(ge=0, le=9999)
    names: dict[Language, Text] = Field(default={})


class SeriesDescription(Contract):
    """What is said of a series: texts by language, and the order of its seasons.

    Seasons that are not named follow those that are, by number. Without `genres` those of its episodes hold.
    `artwork_of` is an episode whose pictures stand for the series where it has none of its own.
    """

    texts: dict[Language, LocalisedText] = Field(min_length=1)
    original_language: Language = "en"
    genres: tuple[Slug, ...] = ()
    finished: bool = False
    seasons: tuple[SeasonWords, ...] = Field(default=(), max_length=1000)
    artwork_of: Slug | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.original_language not in self.texts:
            raise ValueError(f"texts has no entry for the original language {self.original_language!r}")
        if len({each.season for each in self.seasons}) < len(self.seasons):
            raise ValueError("seasons names one season twice")
        return self

    @property
    def name(self) -> str:
        """In the original language."""
        return self.texts[self.original_language].title


class SeriesMetadata(SeriesDescription):
    """The sidecar: the description, and the pictures delivered beside it."""

    slug: Slug
    artwork: dict[ArtworkKind, FileName] = Field(default={})
