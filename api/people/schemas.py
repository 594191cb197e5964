"""Schemas of people."""

from pydantic import BaseModel

from api.deps import ApiId
from api.titles.schemas import TitleCard


class PartOf(BaseModel):
    """What somebody did in a title."""

    role: str
    character: str | None


class TitleOfPerson(TitleCard):
    """A title, and what somebody did in it."""

    parts: list[PartOf]


class Person(BaseModel):
    """Somebody, with those titles that can be seen now, the newest first; at most 200."""

    person_id: ApiId
    name: str
    roles: list[str]
    titles: list[TitleOfPerson]
