"""What decides who may watch: the member's side, the title's side, and the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from marquee.contracts.plans import Plan, SubscriptionState
from marquee.contracts.title import MaturityRating

Window = tuple[datetime | None, datetime | None]  # from, to; open where there is none


class Refusal(StrEnum):
    """Why a title is not to be seen, or not to be played; stable, for people's words and for statistics."""

    WITHDRAWN = "withdrawn"
    UNPUBLISHED = "unpublished"
    TERRITORY = "territory"
    WINDOW = "window"
    MATURITY = "maturity"
    NOT_SIGNED_IN = "not-signed-in"
    EMAIL_NOT_VERIFIED = "email-not-verified"
    NO_PLAN = "no-plan"
    PAYMENT_DUE = "payment-due"
    TOO_MANY_STREAMS = "too-many-streams"


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
    """A title as the decision sees it. `windows` are those of each territory, "*" being the world's.

    `release_id` is the release that is asked for by itself, as by a preview; None is the one that viewers get.
    """

    withdrawn: bool
    published: bool
    rating: MaturityRating
    windows: dict[str, tuple[Window, ...]]
    release_id: int | None = None
    deleting: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """The plan of an account and how it stands; `ends_at` is the end of a trial."""

    plan: Plan
    state: SubscriptionState
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """An account as the decision sees it."""

    email_verified: bool
    subscription: Subscription | None


@dataclass(frozen=True, slots=True)
class StaffPass:
    """What a preview gives to somebody of the staff: one release, shown to viewers or not, until a moment."""

    release_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Stream:
    """A playback that counts against the plan's streams: on which device, of which title, for which profile."""

    session_id: int
    device: str
    profile_id: int
    title_id: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """How a title may be played: the tallest picture in lines, in HDR or not, on how many devices, and until when."""

    height: int
    hdr: bool
    streams: int
    until: datetime | None


Streams = Sequence[Stream]
