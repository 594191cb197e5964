"""What a session may fetch from the edges: its tokens and addresses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.playback.schemas import MediaAccess
from api.release_cache import facts
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
        return MediaAccess(token=self.token(Audience.MEDIA, until), expires_in=seconds)

    def at_edges(self, token: str, only: Iterable[str] = ()) -> dict[str, str]:
        """The release at each edge behind a token, by name, in order of preference."""
        return {
            name: f"{url}/m/{token}/{self.prefix}"
            for name, url in preferred_edges(self.row.id).items()
            if not only or name in only
        }


def preferred_edges(session_id: int) -> dict[str, str]:
    """The edges, beginning with another one from session to session, so that viewers spread over them."""
    edges = list(settings().edges.items())
    turn = session_id % len(edges)
    return dict(edges[turn:] + edges[:turn])
