"""Addresses: where servers listen, and the names by which browsers and the platform itself reach them."""

from functools import cached_property
from ipaddress import ip_network
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, Field, StringConstraints, field_validator, model_validator

from marquee.settings.edges import Edge
from marquee.settings.tls import Tls

EdgeName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,62})$")]  # part of a host name


class Addresses(Tls):
    """Embedded servers listen on `host`; what a browser is told is built from the public names."""

    host: str = "127.0.0.1"
    port_postgres: int = 54329
    port_airflow: int = 8080
    port_api: int = 8000
    port_origin: int = 8090
    port_shield: int = 8095
    port_airflow_logs: int = 8093
    port_mlflow: int = 5000
    port_smtp: int = 1025
    port_billing: int = 8094
    port_gateway: int = 8443
    trusted_proxies: str = "127.0.0.1"  # addresses and networks, by commas, of the proxies before the API
    public_api_url: AnyHttpUrl | None = None
    edges: dict[EdgeName, Edge] = Field(
        default={"edge-a": Edge(port=8091), "edge-b": Edge(port=8092)}, min_length=1
    )  # by name
    shield_urls: dict[str, str] = {}  # shield name to URL as the platform itself reaches it; this machine's by default
    public_airflow_url: AnyHttpUrl | None = None
    public_mlflow_url: AnyHttpUrl | None = None
    public_billing_url: AnyHttpUrl | None = None  # of the demo's billing sandbox
    health_urls: dict[str, str] = {}  # by name, what else `marquee health` asks; see marquee/health/servers.py
    mlflow_url: AnyHttpUrl | None = None  # a tracking server elsewhere; the embedded one by default

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: str) -> str:
        for each in proxies.split(","):
            ip_network(each.strip())  # its error names what is wrong
        return proxies

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if self.tls and urlsplit(self.api_url).hostname == urlsplit(self.airflow_url).hostname:
            raise ValueError("MARQUEE_TLS needs a host name for Airflow that is not the API's: the gateway goes by it")
        return self

    @property
    def behind_gateway(self) -> str:
        """Where the API and Airflow listen: on this machine alone, once a gateway stands before them."""
        return "127.0.0.1" if self.tls else self.host

    @cached_property
    def edge_urls(self) -> dict[str, str]:
        """Edge name to URL as viewers reach it."""
        return {name: edge.public(name, self.scheme) for name, edge in self.edges.items()}

    @cached_property
    def edge_addresses(self) -> dict[str, str]:
        """Edge name to URL as the platform itself reaches it."""
        return {name: edge.inside(self.host, self.scheme) for name, edge in self.edges.items()}

    @property
    def shield_addresses(self) -> dict[str, str]:
        """Shield name to URL as the platform itself reaches it."""
        scheme = "https" if self.mutual_tls else "http"
        return self.shield_urls or {"shield": f"{scheme}://127.0.0.1:{self.port_shield}"}

    @property
    def api_url(self) -> str:
        embedded = f"https://localhost:{self.port_gateway}" if self.tls else f"http://localhost:{self.port_api}"
        return str(self.public_api_url or embedded).rstrip("/")

    @property
    def airflow_url(self) -> str:
        gateway = f"https://airflow.localhost:{self.port_gateway}"
        embedded = gateway if self.tls else f"http://localhost:{self.port_airflow}"
        return str(self.public_airflow_url or embedded).rstrip("/")

    @property
    def mlflow(self) -> str:
        """The tracking server as the platform itself reaches it."""
        return str(self.mlflow_url or f"http://127.0.0.1:{self.port_mlflow}").rstrip("/")

    @property
    def public_mlflow(self) -> str:
        """The tracking server as a browser reaches it."""
        return str(self.public_mlflow_url or self.mlflow_url or f"http://localhost:{self.port_mlflow}").rstrip("/")

    @property
    def billing_address(self) -> str:
        """The demo's billing sandbox as the platform itself reaches it."""
        return f"http://127.0.0.1:{self.port_billing}"

    @property
    def billing_url(self) -> str:
        """The demo's billing sandbox as a browser reaches it."""
        return str(self.public_billing_url or f"http://localhost:{self.port_billing}").rstrip("/")
