"""TLS: whether viewers come by it, with which certificate, and past which proxies."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from marquee.settings.installation import PATH, Installation, Profile


class Tls(Installation):
    """With `tls` a gateway stands before the API, the web app and Airflow, and the edges speak TLS.

    `tls_certificate` and `tls_key` are the operator's own files for all public names; `marquee certs` makes its own
    where they are not set.
    """

    tls: bool = False
    tls_certificate: Path | None = None  # PEM, with its chain
    tls_key: Path | None = None
    gateway_proxies: str = ""  # addresses and networks, by commas, of the operator's proxies before the gateway
    gateway_rate: float = Field(default=1, gt=0)  # times the rates of marquee/gateway/limits.py

    @field_validator("tls_certificate", "tls_key")
    @classmethod
    def _absolute_file(cls, path: Path | None) -> Path | None:
        """nginx looks for it from a folder of its own."""
        if path is None:
            return None
        found = path.expanduser().resolve()
        if not re.fullmatch(PATH, str(found)):
            raise ValueError(f"{found}: it is written into nginx's configuration, so it may not hold such characters")
        return found

    @field_validator("gateway_proxies")
    @classmethod
    def _each_a_network(cls, proxies: str) -> str:
        for each in filter(None, proxies.split(",")):
            ip_network(each.strip())  # its error names what is wrong
        return proxies

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("MARQUEE_TLS_CERTIFICATE and MARQUEE_TLS_KEY are set together: neither works alone")
        return self

    @property
    def mutual_tls(self) -> bool:
        """Whether gateway, API, edges, shield and origin show each other certificates."""
        return self.tls and self.profile is Profile.PRODUCTION

    @property
    def scheme(self) -> str:
        """The scheme of what the embedded servers offer to viewers."""
        return "https" if self.tls else "http"

    @property
    def proxies_before_gateway(self) -> tuple[str, ...]:
        """Addresses and networks."""
        return tuple(each.strip() for each in self.gateway_proxies.split(",") if each.strip())

    @property
    def certificates(self) -> Path:
        """The folder of the certificates that are made here."""
        return self.home / "tls"

    @property
    def authority(self) -> Path | None:
        """The certificates of the authorities by which these are known; None before any was made."""
        path = self.certificates / "authority.pem"
        return path if path.exists() else None
