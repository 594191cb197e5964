"""Schemas of the history."""

from datetime import datetime

from pydantic import BaseModel

from api.deps import ApiId


class Watched(BaseModel):
    """A title that was watched: how far, and when last. `name` is in the language of `Accept-Language`."""

    title_id: ApiId
    name: str
    position_ms: int
    duration_ms: int | None
    finished: bool
    watched_at: datetime


class History(BaseModel):
    """What the profile has watched, the last first."""

    items: list[Watched]
