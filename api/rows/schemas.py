"""Schemas of the home page."""

from pydantic import BaseModel, Field

from api.deps import ApiId
from api.titles.schemas import TitleCard
from marquee.contracts.rows import RowKind


class RowItem(TitleCard):
    """A title in a row.

    `resume_ms` is where the profile stopped (0: at the beginning), `available_until_ms` when the title leaves (Unix
    ms; null where that is not known).
    """

    available_until_ms: int | None
    resume_ms: int


class Row(BaseModel):
    """A row, and why it is there: `reason` for people, `reason_code` for programs.

    `title` and `reason` are in English. For other languages an app has words of its own, by `reason_code`, and puts
    `names` into them: those of the titles that the reason speaks of, in the language of `Accept-Language`.
    """

    kind: RowKind
    title: str
    reason: str
    reason_code: str = Field(examples=["begun", "model", "recent", "picks", "watched", "most_played", "rising"])
    names: list[str]
    items: list[RowItem]


class HomePage(BaseModel):
    """The rows of a profile, in order. Send `generation` and `arm` back with the events of the visit.

    `generation` is the publication of recommendations that all of the rows come from (null before the first), `arm`
    the experiment and the side of it that the profile is on, as `experiment:arm` (null while none runs).
    """

    generation: ApiId | None
    arm: str | None
    rows: list[Row]
