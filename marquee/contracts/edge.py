"""The edge: what a media token grants, and what a warm-up did."""

from enum import StrEnum

from pydantic import Field

from marquee.contracts.base import Contract
from marquee.contracts.ids import Id


class Audience(StrEnum):
    """What a media token opens: `media` everything a manifest names; `thumbs` the seek-bar pictures alone."""

    MEDIA = "media"
    THUMBS = "thumbs"


class MediaGrant(Contract):
    """What a media token says: one release, one audience, one playback session, until `expires` (Unix seconds)."""

    audience: Audience
    title_id: Id
    release_id: Id
    session_id: Id
    expires: int = Field(ge=0)

    @property
    def prefix(self) -> str:
        """The path prefix it covers, as in every origin replica."""
        return f"{self.title_id}/{self.release_id}"


class WarmupReport(Contract):
    """What warming one edge with one release did. `bytes` were asked for; hits and misses are of the second look."""

    edge: str
    release_id: Id
    files: int
    bytes: int
    hits: int
    misses: int
    failed: tuple[str, ...] = ()  # paths the edge could not deliver
    skipped_for_budget: int = 0
    seconds: float
