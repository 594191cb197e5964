"""Schemas of titles: card, page, detail."""

from pydantic import BaseModel

from api.deps import ApiId
from api.opinions.schemas import Opinion
from marquee.contracts.entitlement import Refusal
from marquee.contracts.title import Kind, MaturityRating


class EpisodeOf(BaseModel):
    """The place of an episode in its series; `series` is the slug, `series_name` what viewers read."""

    series: str
    series_name: str
    season: int
    number: int


class Focus(BaseModel):
    """Where a picture is held that is cut to another shape, in shares from left and top: CSS's `object-position`."""

    x: float
    y: float


class TitleCard(BaseModel):
    """A title in a list.

    `poster_widths` and `backdrop_widths` are pixels in which the picture is there too, as WebP: the address of one has
    the width as a folder before the file's name, and `.webp` for its suffix.
    """

    title_id: ApiId
    slug: str
    name: str
    year: int
    kind: Kind
    maturity_rating: MaturityRating
    genres: list[str]
    duration_s: float
    poster_url: str | None
    poster_widths: list[int]
    backdrop_url: str | None
    backdrop_widths: list[int]
    backdrop_focus: Focus | None
    episode: EpisodeOf | None


class TitlePage(BaseModel):
    """A page of titles, newest first; `next_cursor` is null on the last one."""

    items: list[TitleCard]
    next_cursor: str | None


class CreditLine(BaseModel):
    """Who did what."""

    person_id: ApiId
    name: str
    role: str
    character: str | None


class AudioOffer(BaseModel):
    """A sound track; `channels` is the most there is of it."""

    language: str
    role: str
    channels: int


class TextOffer(BaseModel):
    """A subtitle track: `kind` is full, sdh or forced."""

    language: str
    kind: str


class TitleDetail(TitleCard):
    """A title's own page. `resolution` is the best picture's quality class, e.g. `1080p`.

    `rating_label` is what the board of the viewer's country says, e.g. `FSK 12`; null where it says nothing.
    `play_refusal` is why it cannot be played from here; null where it can. `trailer_id` is played like any title, and
    `film_id` is what a trailer is of.
    """

    synopsis: str | None
    credits: list[CreditLine]
    countries: list[str]
    audio: list[AudioOffer]
    text: list[TextOffer]
    resolution: str | None
    resume_ms: int
    opinion: Opinion
    rating_label: str | None
    play_refusal: Refusal | None
    trailer_id: ApiId | None
    film_id: ApiId | None
