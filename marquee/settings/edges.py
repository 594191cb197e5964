"""One edge of the content delivery network, as the settings describe it."""

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Edge(BaseModel):
    """Where an edge is reached and whom it should serve. An edge with a `port` is one of this machine's own servers.

    `url` is for viewers, `address` for the platform itself, which warms, probes and purges; without one it is the
    same. `region` is the replica that the edge reads first; without one the edges take turns. An edge serves viewers
    of its `countries` before others. Of two that are as near, one with twice the `weight` gets twice the sessions,
    until it holds `capacity` connections; 0 is no limit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(default="", pattern=r"^(https?://[^\s/?#]+)?$")
    address: str = Field(default="", pattern=r"^(https?://[^\s/?#]+)?$")
    port: int = Field(default=0, ge=0, le=65535)
    region: str = ""
    countries: tuple[str, ...] = ()
    weight: float = Field(default=1, gt=0)
    capacity: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _reachable(self) -> "Edge":
        if not self.url and not self.port:
            raise ValueError("an edge needs a `url`, or a `port` to be run on this machine")
        return self

    def public(self, name: str, scheme: str = "http") -> str:
        """As viewers reach it. Every edge has a host name of its own: players ban a failed edge by its host name."""
        return self.url or f"{scheme}://{name}.localhost:{self.port}"

    def inside(self, host: str, scheme: str = "http") -> str:
        """As the platform reaches it, with its own servers on `host`: not every resolver knows *.localhost."""
        return self.address or (f"{scheme}://{host}:{self.port}" if self.port else self.url)
