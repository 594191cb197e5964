"""Schemas of profiles."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from api.deps import ApiId

VISIBLE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"  # something beside blanks, nothing of control
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=VISIBLE)]
Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]  # BCP 47
Picks = Annotated[list[ApiId], Field(max_length=20)]


Origin = Literal["demo", "account", "simulated", "imported"]


class Profile(BaseModel):
    """A viewer. `origin` is demo for the one who stands for everybody, account for one that was made, or simulated."""

    profile_id: ApiId
    name: str
    languages: list[str]
    kids: bool
    origin: Origin
    picks: list[ApiId]


class ProfileList(BaseModel):
    """All that may be chosen, the anonymous one first; `can_create` tells whether more can be made here."""

    items: list[Profile]
    can_create: bool


class NewProfile(BaseModel):
    """A profile to be made. `picks` are titles that the viewer likes; recommendations begin with them."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    languages: list[Tag] = Field(default=[], max_length=10)
    kids: StrictBool = False
    picks: Picks = []


class PickList(BaseModel):
    """Titles that the viewer likes, in place of those of before."""

    model_config = ConfigDict(extra="forbid")
    picks: Picks
