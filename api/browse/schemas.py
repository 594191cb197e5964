"""Schemas of browsing: queries, counted values, lists of titles."""

from pydantic import BaseModel, ConfigDict, Field

from api.rows.schemas import RowItem
from api.search.schemas import FacetValue
from api.sparse import ItemFields, PersonFields


class NothingAsked(BaseModel):
    """A query that may hold nothing."""

    model_config = ConfigDict(extra="forbid")


class LimitQuery(BaseModel):
    """How much of a list is wanted. Anything else in the query of the address is refused."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(default=24, ge=1, le=100)


class ListQuery(LimitQuery):
    """The same of a list of titles, and what of each."""

    fields: ItemFields | None = None


class ItemQuery(BaseModel):
    """What is wanted of each title. Anything else in the query of the address is refused."""

    model_config = ConfigDict(extra="forbid")
    fields: ItemFields | None = None


class PersonQuery(BaseModel):
    """The same of somebody's titles."""

    model_config = ConfigDict(extra="forbid")
    fields: PersonFields | None = None


class ValueList(BaseModel):
    """Values with the number of titles that can be seen now, the most frequent first."""

    items: list[FacetValue]


class TitleList(BaseModel):
    """Titles in order. `resume_ms` is 0 here: the home page's rows tell it."""

    items: list[RowItem]
