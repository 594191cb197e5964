"""Title metadata: the body of the sidecar `title.yaml`, and what the catalogue stores."""

from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Self

import langcodes
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from marquee.contracts.base import Contract
from marquee.contracts.ratings import Ratings, strictest
from marquee.contracts.younger import YOUNGER

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
Language = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN, max_length=35)]  # BCP 47, length by its § 4.4.1
TrackLanguage = Annotated[Language, AfterValidator(langcodes.standardize_tag)]
"""Of what players choose by its language: the shortest tag, `en` for `eng` (RFC 5646, section 4.1)."""
Territory = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}|\*)$")]  # ISO 3166-1 alpha-2, or * for the world
Text = Annotated[
    str,
    StringConstraints(
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$", min_length=1, max_length=4000, strip_whitespace=True
    ),
]
"""Words for people. Control characters are refused: PostgreSQL cannot hold a NUL."""
FILE_NAME_PATTERN = r"^[^./\\\x00-\x1f\x7f-][^/\\\x00-\x1f\x7f]*$"


ROLE_PATTERN = r"^(main|commentary|description|dub|dialogue-enhanced)$"  # of a sound track


def _short(name: str) -> str:
    if len(name.encode()) > 200:
        raise ValueError("a file name has at most 200 bytes")
    return name


FileName = Annotated[str, StringConstraints(pattern=FILE_NAME_PATTERN), AfterValidator(_short)]
"""A bare file name inside the delivery folder: no path, no control characters, no leading dash or dot.

File systems end at 255 bytes, of which a store's temporary name takes some.
"""


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_utc)]
"""A point in time; UTC where no zone is given."""


ArtworkKind = Annotated[str, StringConstraints(pattern=r"^(poster|backdrop|logo)$")]


class Kind(StrEnum):
    FILM = "film"
    EPISODE = "episode"
    TRAILER = "trailer"  # of another title, on whose page alone it is found


class MaturityRating(StrEnum):
    """Age from which a title is suitable; boards' own labels map onto these."""

    ALL = "all"
    AGE_6 = "6"
    AGE_12 = "12"
    AGE_16 = "16"
    AGE_18 = "18"

    @property
    def age(self) -> int:
        return 0 if self is MaturityRating.ALL else int(self)


class LocalisedText(Contract):
    title: Text
    synopsis: Text | None = None


class Episode(Contract):
    series: Slug
    season: int = Field(ge=0, le=9999)
    number: int = Field(ge=0, le=99_999)


class Credit(Contract):
    name: Text
    role: Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")]  # director, actor, writer …
    character: Text | None = None


class Availability(Contract):
    """A window in which a title may be shown in the territories; open-ended where an end is missing."""

    territories: tuple[Territory, ...] = ("*",)
    start: Moment | None = None
    end: Moment | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start and self.end and self.start >= self.end:
            raise ValueError("the window ends before it starts")
        return self


class AudioTrack(Contract):
    """What the n-th audio stream of the media is."""

    stream: int = Field(ge=0, description="index among the audio streams of the media file")
    language: TrackLanguage
    role: Annotated[str, StringConstraints(pattern=ROLE_PATTERN)] = "main"
    label: Text | None = None


class SubtitleTrack(Contract):
    file: FileName
    language: TrackLanguage
    kind: Annotated[str, StringConstraints(pattern=r"^(full|sdh|forced)$")] = "full"
    label: Text | None = None
    encoding: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,39}$")] | None = None  # windows-1251


class CaptionService(Contract):
    """A caption service in the picture (CEA-708). Of those that are not named only the first one is taken."""

    service: int = Field(ge=1, le=6)
    language: TrackLanguage
    kind: Annotated[str, StringConstraints(pattern=r"^(full|sdh|forced)$")] = "sdh"
    label: Text | None = None


class Chapter(Contract):
    """A part of the programme: where it begins, and what it is called in each language. It ends with the next one."""

    start_s: float = Field(ge=0)
    titles: dict[Language, Text] = Field(min_length=1)


class Marks(Contract):
    """Moments of the programme, in seconds from its start."""

    intro_start_s: float | None = Field(default=None, ge=0)
    intro_end_s: float | None = Field(default=None, ge=0)
    credits_start_s: float | None = Field(default=None, ge=0)
    chapters: Annotated[tuple[Chapter, ...], YOUNGER] = Field(default=(), max_length=200)

    def moments(self) -> dict[str, float]:
        """All moments that are given, by the name of their field."""
        named = {name: getattr(self, name) for name in ("intro_start_s", "intro_end_s", "credits_start_s")}
        begun = {f"chapters.{n}.start_s": chapter.start_s for n, chapter in enumerate(self.chapters)}
        return {name: at for name, at in named.items() if at is not None} | begun

    def beyond(self, duration_s: float) -> dict[str, float]:
        """The moments that lie after the end of a programme of this length."""
        return {name: at for name, at in self.moments().items() if at > duration_s}

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        given = [m for m in (self.intro_start_s, self.intro_end_s, self.credits_start_s) if m is not None]
        if any(earlier >= later for earlier, later in pairwise(given)):
            raise ValueError("the marks must follow one another: intro start, intro end, credits start")
        if any(earlier.start_s >= later.start_s for earlier, later in pairwise(self.chapters)):
            raise ValueError("the chapters must follow one another")
        return self


class Description(Contract):
    """What is said of a title: the part of the sidecar that people may edit later, under these same rules.

    Texts by language; `original_language` must be among the languages that have a text.
    """

    kind: Kind = Kind.FILM
    texts: dict[Language, LocalisedText] = Field(min_length=1)
    original_language: Language = "en"
    year: int = Field(ge=1874, le=2100)
    genres: tuple[Slug, ...] = ()
    maturity_rating: MaturityRating = MaturityRating.ALL  # by default the strictest of the boards'
    ratings: Ratings = Field(default={})
    credits: tuple[Credit, ...] = ()
    countries: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")], ...] = ()
    episode: Episode | None = None
    trailer_of: Slug | None = None
    availability: tuple[Availability, ...] = (Availability(),)
    marks: Marks = Marks()

    @model_validator(mode="before")
    @classmethod
    def _rated(cls, said: Any) -> Any:
        if isinstance(said, dict) and "maturity_rating" not in said and isinstance(said.get("ratings"), dict):
            return said | {"maturity_rating": strictest(said["ratings"])}
        return said

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.kind is Kind.EPISODE) != (self.episode is not None):
            raise ValueError("an episode needs `episode: {series, season, number}`, and only an episode has it")
        if (self.kind is Kind.TRAILER) != (self.trailer_of is not None):
            raise ValueError("a trailer needs `trailer_of`, the slug of its title, and only a trailer has it")
        if self.original_language not in self.texts:
            raise ValueError(f"texts has no entry for the original language {self.original_language!r}")
        return self

    @property
    def name(self) -> str:
        """The title in its original language."""
        return self.texts[self.original_language].title


class TitleMetadata(Description):
    """The sidecar: the description, and what the delivered files are."""

    slug: Slug
    media: FileName
    audio: tuple[AudioTrack, ...] = ()
    subtitles: tuple[SubtitleTrack, ...] = ()
    captions: Annotated[tuple[CaptionService, ...], YOUNGER] = ()
    silent: bool = False  # a film without sound, on purpose
    artwork: dict[ArtworkKind, FileName] = Field(default={})

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if self.trailer_of == self.slug:
            raise ValueError("a trailer is of another title")
        if len({t.stream for t in self.audio}) < len(self.audio):
            raise ValueError("audio describes one stream twice")
        if len({(t.language, t.kind) for t in self.subtitles}) < len(self.subtitles):
            raise ValueError("subtitles has two tracks of the same language and kind")
        if len({each.service for each in self.captions}) < len(self.captions):
            raise ValueError("captions names one service twice")
        return self
