"""What decides whether somebody may see a title: the viewer's side, the title's side, and why not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from marquee.contracts.title import MaturityRating

Window = tuple[datetime | None, datetime | None]  # from, to; open where there is none


class Refusal(StrEnum):
    """Why a title is not to be seen; stable, for people's words and for statistics."""

    WITHDRAWN = "withdrawn"
    UNPUBLISHED = "unpublished"
    TERRITORY = "territory"
    WINDOW = "window"
    MATURITY = "maturity"


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """From where a catalogue is looked at. `age` is that up to which titles are suitable; None is no limit."""

    territory: str = "*"
    age: int | None = None

    @property
    def ratings(self) -> list[MaturityRating]:
        """The ratings that suit it, for queries."""
        return [rating for rating in MaturityRating if self.age is None or rating.age <= self.age]


@dataclass(frozen=True, slots=True)
class Offer:
    """A title as the decision sees it. `windows` are those of each territory, "*" being the world's."""

    withdrawn: bool
    published: bool
    rating: MaturityRating
    windows: dict[str, tuple[Window, ...]]
