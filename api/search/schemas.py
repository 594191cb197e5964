"""Schemas of searches and suggestions."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.deps import ApiId
from api.sparse import CardFields
from api.titles.schemas import TitleCard
from marquee.contracts.title import Kind
from marquee.discovery.search.suggesting import SuggestionKind

TEXT = r"^[^\x00]*$"  # PostgreSQL's text holds no NUL
CURSOR = "^[A-Za-z0-9_-]{11}([A-Za-z0-9_-]{11})?$"
MOST_LETTERS = 200

Words = Annotated[str, Field(max_length=MOST_LETTERS, pattern=TEXT)]


class SearchQuery(BaseModel):
    """What is searched. Anything else in the query of the address is refused."""

    model_config = ConfigDict(extra="forbid")
    query: Words = Field(min_length=1, description="words of names, people, characters, genres or synopses")
    genre: Words | None = Field(default=None, min_length=1)
    kind: Kind | None = None
    language: str | None = Field(default=None, max_length=35, pattern=TEXT, description="the original one")
    decade: str | None = Field(default=None, pattern="^[0-9]{3}0$", examples=["1990"])
    cursor: str | None = Field(default=None, pattern=CURSOR, description="`next_cursor` of the page before")
    limit: int = Field(default=24, ge=1, le=50)
    fields: CardFields | None = None


class SuggestionQuery(BaseModel):
    """The beginning of a query."""

    model_config = ConfigDict(extra="forbid")
    query: Words = Field(min_length=1)
    limit: int = Field(default=8, ge=1, le=20)


class FacetValue(BaseModel):
    """How many of all that was found have a value."""

    value: str
    count: int


class Facets(BaseModel):
    """What was found, counted by value, the most frequent first; at most 30 values of each."""

    genre: list[FacetValue] = []
    kind: list[FacetValue] = []
    language: list[FacetValue] = []
    decade: list[FacetValue] = []


class SearchPage(BaseModel):
    """Titles, the best first. At most 200 titles of a search can be paged through, whatever `total` says.

    `match` is `words` where titles have all words of the query, as written or begun; `typos` where letters had to be
    changed; `near` where only some words were found. `did_you_mean` is the query with its typos put right. `indexed` is
    false while there is no index: then `query` is looked for in names as it is written, and there are no facets.
    """

    items: list[TitleCard]
    total: int
    match: Literal["words", "typos", "near"]
    did_you_mean: str | None
    facets: Facets
    indexed: bool
    next_cursor: str | None


class Suggestion(BaseModel):
    """What the beginning of a query may mean. One of the ids belongs to its `kind`; the others are null."""

    kind: SuggestionKind
    text: str
    title_id: ApiId | None = None
    person_id: ApiId | None = None
    series: str | None = None
    genre: str | None = None


class SuggestionList(BaseModel):
    """Suggestions, the most likely first."""

    items: list[Suggestion]
