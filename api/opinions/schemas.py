"""Schemas of opinions."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, StrictBool

from api.deps import ApiId
from marquee.catalogue.models import TitleOpinion

Thumb = Literal["up", "down"]


class Opinion(BaseModel):
    """What a profile has said of a title: put on its list, a thumb, hidden."""

    listed: bool
    thumb: Thumb | None
    hidden: bool


class TitleOpinions(BaseModel):
    """All that a profile has said, the last first."""

    items: list["OpinionOf"]


class OpinionOf(Opinion):
    """What was said of one title, and when it last changed."""

    title_id: ApiId
    updated_at: datetime


class OpinionChange(BaseModel):
    """What changes; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")
    listed: StrictBool | None = None
    thumb: Thumb | None = None
    hidden: StrictBool | None = None


def opinion(row: TitleOpinion | None) -> Opinion:
    """As clients see it; nothing said is an opinion as well."""
    if row is None:
        return Opinion(listed=False, thumb=None, hidden=False)
    return Opinion(listed=row.listed_at is not None, thumb=row.thumb, hidden=row.hidden)
