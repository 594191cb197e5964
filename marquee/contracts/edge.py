"""The edge: what a media token grants, and what a warm-up or a purge did."""

from enum import StrEnum

from pydantic import Field

from marquee.contracts.base import Contract
from marquee.contracts.ids import Id


class Audience(StrEnum):
    """What a media token opens: `manifest` a session's manifests, at the API; `media` what they name, at the edges;
    `marked` the same of a release with a watermark, where the edge chooses the variant of each segment by the session;
    `unlisted` the second variant of every segment, for warm-ups; `thumbs` the pictures of the seek bar alone; `purge`
    takes files out of caches.
    """

    MANIFEST = "manifest"
    MEDIA = "media"
    MARKED = "marked"
    UNLISTED = "unlisted"
    THUMBS = "thumbs"
    PURGE = "purge"


class MediaGrant(Contract):
    """What a media token says: one release, one audience, one playback session, until `expires` (Unix seconds).

    `lines` is the tallest picture that it opens, by its shorter side in pixels; 0 is no limit. `network` is the only
    one it opens from, as `marquee.content.edge.networks.network_of` writes it; empty for any.
    """

    audience: Audience
    title_id: Id
    release_id: Id
    session_id: Id
    lines: int = Field(default=0, ge=0, le=100_000)
    network: str = Field(default="", pattern="^[0-9a-f]*$", max_length=12)
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


class PurgeReport(Contract):
    """What purging one cache of one release did: how many files were asked for, and how many of them it held."""

    cache: str
    release_id: Id
    files: int
    dropped: int
