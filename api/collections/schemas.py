"""Schemas of collections."""

from pydantic import BaseModel

from api.rows.schemas import RowItem


class CollectionHead(BaseModel):
    """A collection that is open now; `titles` is how many of its titles can be seen."""

    slug: str
    name: str
    description: str | None
    titles: int


class CollectionList(BaseModel):
    """The collections in which there is something to see, in the order that people gave them."""

    items: list[CollectionHead]


class CollectionPage(BaseModel):
    """A collection with those of its titles that can be seen now, in order."""

    slug: str
    name: str
    description: str | None
    items: list[RowItem]
