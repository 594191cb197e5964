"""Schemas of profiles."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from api.deps import ApiId
from marquee.contracts.members import Origin

VISIBLE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"  # something beside blanks, nothing of control
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=VISIBLE)]
Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]  # BCP 47
Picks = Annotated[list[ApiId], Field(max_length=20)]
Languages = Annotated[list[Tag], Field(max_length=10)]
Pin = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")]
Avatar = Literal["violet", "blue", "green", "amber", "red", "teal", "pink", "grey"]
AgeLimit = Literal[0, 6, 12, 16]


class Preferences(BaseModel):
    """How a profile likes to play. Languages are BCP 47 tags; null is the player's own choice.

    `audio_description` prefers sound that describes the picture, `data_saver` keeps to small pictures.
    """

    model_config = ConfigDict(extra="forbid")
    audio_language: Tag | None = None
    audio_description: StrictBool = False
    text_language: Tag | None = None
    text_on: StrictBool = False
    text_size: Literal["small", "medium", "large"] = "medium"
    text_background: StrictBool = True
    text_colour: Literal["white", "yellow"] = "white"
    data_saver: StrictBool = False
    autoplay_next: StrictBool = True


class Profile(BaseModel):
    """Somebody who watches. `age_limit` is the age up to which titles are suitable, null is no limit."""

    profile_id: ApiId
    name: str
    avatar: Avatar
    languages: list[str]
    kids: bool
    age_limit: AgeLimit | None
    has_pin: bool
    origin: Origin
    picks: list[ApiId]
    preferences: Preferences


class ProfileList(BaseModel):
    """The account's profiles; `current` is the one that watches here, null before one was chosen.

    `can_create` tells whether more can be made from here, `can_manage` whether they can be changed.
    """

    items: list[Profile]
    current: ApiId | None
    can_create: bool
    can_manage: bool


class NewProfile(BaseModel):
    """A profile to be made. `picks` are titles that the viewer likes; recommendations begin with them."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    avatar: Avatar = "violet"
    languages: Languages = []
    kids: StrictBool = False
    age_limit: AgeLimit | None = None
    pin: Pin | None = None
    picks: Picks = []


class ProfileChange(BaseModel):
    """What changes; what is left out stays as it is.

    `new_pin` replaces the PIN, null removes it. `pin` is what the profile in use, or one whose PIN changes, asks for.
    """

    model_config = ConfigDict(extra="forbid")
    name: Name | None = None
    avatar: Avatar | None = None
    languages: Languages | None = None
    kids: StrictBool | None = None
    age_limit: AgeLimit | None = None
    new_pin: Pin | None = None
    pin: Pin | None = None


class Choice(BaseModel):
    """Who watches from now on; with the PIN where the profile has one."""

    model_config = ConfigDict(extra="forbid")
    pin: Pin | None = None


class PickList(BaseModel):
    """Titles that the viewer likes, in place of those of before."""

    model_config = ConfigDict(extra="forbid")
    picks: Picks
