"""What a session may fetch from the edges: its tokens and addresses."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.playback.schemas import MediaAccess
from api.release_cache import facts
from api.steering.service import edges_for
from marquee.catalogue.models import PlaybackSessionRow, now
from marquee.content.edge.limits import lines_within
from marquee.content.edge.networks import network_of
from marquee.content.edge.signing import sign
from marquee.contracts.edge import Audience, MediaGrant
from marquee.contracts.entitlement import Limits
from marquee.settings import settings


@dataclass(frozen=True, slots=True)
class Allowed:
    """A session, how it may play, and the network that its tokens are bound to, if any."""

    row: PlaybackSessionRow
    limits: Limits
    network: str = ""

    @classmethod
    def at(cls, row: PlaybackSessionRow, limits: Limits, address: str) -> "Allowed":
        """For a player at an address."""
        return cls(row, limits, network_of(address) if settings().media_token_network else "")

    @property
    def prefix(self) -> str:
        return f"{self.row.title_id}/{self.row.release_id}"

    @property
    def lines(self) -> int:
        """The tallest picture that it may play; 0 for all of the release."""
        return lines_within(facts(self.row.release_id).release, self.limits.height)

    @property
    def media(self) -> Audience:
        """The audience of the token for what manifests name."""
        return Audience.MARKED if facts(self.row.release_id).release.watermark else Audience.MEDIA

    def token(self, audience: Audience, until: datetime | None = None) -> str:
        """A token that ends with the session, or earlier."""
        expires = min(until or self.row.expires_at, self.row.expires_at)
        granted = MediaGrant(
            audience=audience,
            title_id=self.row.title_id,
            release_id=self.row.release_id,
            session_id=self.row.id,
            lines=self.lines,
            network=self.network,
            expires=int(expires.timestamp()),
        )
        return sign(granted, key=settings().secret("edge_key"))

    def access(self) -> MediaAccess:
        """A fresh media token, for some minutes."""
        since = now()
        until = min(since + timedelta(seconds=settings().media_token_s), self.row.expires_at)
        seconds = max(0, int((until - since).total_seconds()))
        return MediaAccess(token=self.token(self.media, until), expires_in=seconds)

    @property
    def edges(self) -> dict[str, str]:
        """The edges' URLs by name, in order of preference."""
        return edges_for(self.row.id, self.row.country)

    def at_edges(self, token: str, first: str = "") -> dict[str, str]:
        """The release at each edge behind a token, by name, in order of preference; one can be named to be first."""
        urls = self.edges
        names = sorted(urls, key=lambda name: name != first)
        return {name: f"{urls[name]}/m/{token}/{self.prefix}" for name in names}
