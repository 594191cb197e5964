"""Schemas of series."""

from pydantic import BaseModel

from api.rows.schemas import RowItem
from marquee.discovery.series import Why


class Season(BaseModel):
    """The episodes of a season that can be seen now, in order."""

    season: int
    episodes: list[RowItem]


class NextEpisode(BaseModel):
    """The episode to watch now, and why it is that one."""

    episode: RowItem
    why: Why


class Series(BaseModel):
    """A series with its seasons; `genres` are those of its episodes. `next` goes by what the profile has watched."""

    slug: str
    name: str
    genres: list[str]
    seasons: list[Season]
    next: NextEpisode
