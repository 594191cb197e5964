"""What a process of the API serves, all by default, and how it ends. On many machines each role is its own service."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from marquee.settings.installation import Installation


class Role(StrEnum):
    """A part of the API that starts, fails and grows by itself.

    `catalogue` has the web app, lists, search and home pages; `members` accounts, profiles and plans; `playback`
    sessions, manifests and licences; `events` what players report, and steering, which goes by those reports.
    """

    CATALOGUE = "catalogue"
    MEMBERS = "members"
    PLAYBACK = "playback"
    EVENTS = "events"


class Serving(Installation):
    """The roles of this process, and for how long it goes on serving after SIGTERM (s)."""

    serve: Annotated[tuple[Role, ...], NoDecode, Field(min_length=1)] = tuple(sorted(Role))  # by commas
    drain_s: float = Field(0, ge=0, le=600)

    @field_validator("serve", mode="before")
    @classmethod
    def _by_commas(cls, roles: object) -> object:
        return sorted({each.strip() for each in roles.split(",")}) if isinstance(roles, str) else roles
