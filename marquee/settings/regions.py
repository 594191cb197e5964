"""Regions: places that each have a PostgreSQL, an API and edges, of which any one may be lost."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyAddress,
    IPvAnyNetwork,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from marquee.settings.installation import Installation

# Also the name of a replication slot, which has these characters (PostgreSQL, "Replication Slots").
RegionName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
Zone = Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}$")]


class Region(BaseModel):
    """One region as all others know it.

    `database` is its PostgreSQL, as MARQUEE_DATABASE_URL is written; all regions' have the same user and password, for
    they are copies of each other. `addresses` are what DNS answers for the platform's name, as long as `health`, an
    address of HTTP, answers with success. Resolvers in `networks` get them before other regions'. `name_server` is
    where the region answers DNS itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str
    addresses: tuple[IPvAnyAddress, ...] = ()
    health: str = Field(default="", pattern=r"^(https?://[^\s]+)?$")
    networks: tuple[IPvAnyNetwork, ...] = ()
    name_server: IPvAnyAddress | None = None

    @field_validator("database")
    @classmethod
    def _whole(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "postgresql" or not (parts.hostname and parts.port and parts.password and parts.username):
            raise ValueError("expected postgresql://user:password@host:port")
        return url

    @property
    def server(self) -> tuple[str, int]:
        """Host and port of its PostgreSQL."""
        parts = urlsplit(self.database)
        return parts.hostname or "", parts.port or 0


class Regional(Installation):
    """Which region this is, and which there are. Without any, there is one place and one database."""

    region: str = ""
    regions: dict[RegionName, Region] = {}
    region_synchronous: int = Field(default=0, ge=0)  # standbys that keep a change before it counts as made
    region_lease_s: float = Field(default=6, ge=2)  # after which a primary without a majority takes no writes
    dns_zone: Zone = "vod.example"  # the name by which viewers reach the platform
    dns_port: int = Field(default=53, ge=1, le=65535)  # of each region's name server
    dns_key: SecretStr = SecretStr("")  # signs what a name server is told (TSIG), in base64

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.regions and self.region not in self.regions:
            raise ValueError(
                f"MARQUEE_REGION {self.region!r}: expected one of MARQUEE_REGIONS: {', '.join(self.regions)}"
            )
        if self.region_synchronous >= max(1, len(self.regions)):
            raise ValueError("MARQUEE_REGION_SYNCHRONOUS: expected fewer than there are regions")
        return self

    @property
    def nearest_first(self) -> list[Region]:
        """All regions, this one first."""
        return sorted(self.regions.values(), key=lambda region: region is not self.regions[self.region])
