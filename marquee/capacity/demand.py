"""What viewers ask for in the busiest hour, from how many they are and how long they watch."""

from pydantic import Field

from marquee.contracts.base import Contract

# Seconds between two requests of a player that plays, as the code has them.
STEERING_S = 10  # marquee.content.edge.steering.TTL_S
HEARTBEAT_S = 30  # marquee.members.watching.HEARTBEAT_S
EVENTS_S = 20  # HEARTBEAT_MS of web/src/player/playback.ts: what is told is sent with it
SEGMENT_S = 2  # of 4 s, of picture and of sound
REFRESH_S = 600  # MARQUEE_ACCESS_TOKEN_S
STANDING_S = 15  # marquee.content.edge.nginx.STANDING_S: how long an edge remembers that a session stands


class Demand(Contract):
    """Viewers and titles, and what is assumed of them: nothing here is measured."""

    viewers: int = Field(gt=0)  # who watch at least once a month
    titles: int = Field(gt=0)
    hours_a_day: float = Field(default=1.0, gt=0, le=24)  # that the mean viewer watches
    peak_share: float = Field(default=0.1, gt=0, le=1)  # of a day's hours, in its busiest hour
    mbps: float = Field(default=5.0, gt=0)  # of the mean playback
    session_minutes: float = Field(default=40, gt=0)
    pages_per_start: float = Field(default=3, ge=0)  # home pages looked at for one playback
    title_hours: float = Field(default=1.5, gt=0)
    new_titles: int = Field(default=100, ge=0)  # a month, encoded
    ladder_mbps: float = Field(default=25, gt=0)  # of all renditions of a title together
    edge_hit_share: float = Field(default=0.95, ge=0, lt=1)  # of bytes; the rest comes from shields

    @property
    def concurrent(self) -> float:
        """Playbacks at once in the busiest hour."""
        return self.viewers * self.hours_a_day * self.peak_share

    @property
    def starts_per_s(self) -> float:
        return self.concurrent / (60 * self.session_minutes)

    def requests_per_s(self) -> dict[str, float]:
        """At the API in the busiest hour, by the name of their cost."""
        return {
            "home_page": self.starts_per_s * self.pages_per_start,
            "session_start": self.starts_per_s,
            "licence": self.starts_per_s,
            "steering": self.concurrent / STEERING_S,
            "standing": self.concurrent / STANDING_S,
            "heartbeat": self.concurrent / HEARTBEAT_S,
            "events": self.concurrent / EVENTS_S,
            "refresh": self.concurrent / REFRESH_S,
        }

    @property
    def gbps(self) -> float:
        """From edges to viewers in the busiest hour."""
        return self.concurrent * self.mbps / 1000

    @property
    def petabytes_a_month(self) -> float:
        return self.viewers * self.hours_a_day * 30.4 * 3600 * self.mbps / 8 / 1e9
