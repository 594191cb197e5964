"""A collection as people write it."""

from typing import Self

from pydantic import Field, model_validator

from marquee.contracts.base import Contract
from marquee.contracts.title import Language, Moment, Slug, Text


class CollectionWords(Contract):
    name: Text
    description: Text | None = None


class Collection(Contract):
    """Titles by their slugs, in order, with words by language. Shown from `start` on until `end`."""

    slug: Slug
    texts: dict[Language, CollectionWords] = Field(min_length=1)
    original_language: Language = "en"
    titles: tuple[Slug, ...] = Field(max_length=500)
    position: int = Field(default=0, ge=0, le=10_000)
    start: Moment | None = None
    end: Moment | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.original_language not in self.texts:
            raise ValueError(f"texts has no entry for the original language {self.original_language!r}")
        if len(set(self.titles)) < len(self.titles):
            raise ValueError("a title stands in it twice")
        if self.start and self.end and self.start >= self.end:
            raise ValueError("the collection ends before it starts")
        return self
