"""Schemas of series."""

from pydantic import BaseModel

from api.rows.schemas import RowItem
from marquee.discovery.series import Why


class Season(BaseModel):
    """The episodes of a season that can be seen now, in order. `name` is null where it has none but its number."""

    season: int
    name: str | None
    episodes: list[RowItem]


class NextEpisode(BaseModel):
    """The episode to watch now, and why it is that one."""

    episode: RowItem
    why: Why


class Series(BaseModel):
    """A series with its seasons, in order. `next` goes by what the profile has watched.

    `genres` are those of its episodes where it has none of its own, `finished` is null where nobody has said it. The
    pictures are its own, or those of the episode that stands for it where that can be seen, or of the next one; their
    widths are as those of a title.
    """

    slug: str
    name: str
    synopsis: str | None
    finished: bool | None
    poster_url: str | None
    poster_widths: list[int]
    backdrop_url: str | None
    backdrop_widths: list[int]
    genres: list[str]
    seasons: list[Season]
    next: NextEpisode
