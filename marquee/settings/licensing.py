"""Licensing: ClearKey by ourselves, and the operator's licence servers."""

from pathlib import Path
from typing import Self

from pydantic import AnyHttpUrl, SecretStr, model_validator

from marquee.settings.installation import Installation


class Licensing(Installation):
    """Which DRM systems are served. A system without an address is not offered to players.

    `licence_server_key` signs what a licence server is told of each request. `licence_servers_inside` lets their names
    lead to private addresses. `licence_ca` is the authority that signs their certificates, where it is none that the
    system trusts; then it is the only one.
    """

    clearkey: bool = True
    widevine_url: AnyHttpUrl | None = None
    playready_url: AnyHttpUrl | None = None
    fairplay_url: AnyHttpUrl | None = None
    fairplay_certificate: Path | None = None
    licence_server_key: SecretStr = SecretStr("")
    licence_servers_inside: bool = False
    licence_ca: Path | None = None

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if self.licence_servers and not self.licence_server_key.get_secret_value():
            raise ValueError("a licence server needs MARQUEE_LICENCE_SERVER_KEY to be set, and to know it")
        if self.fairplay_url and not self.fairplay_certificate:
            raise ValueError("FairPlay needs MARQUEE_FAIRPLAY_CERTIFICATE: players encrypt their requests for it")
        return self

    @property
    def licence_servers(self) -> dict[str, str]:
        """The address of each licence server, by the name of its system in our own addresses."""
        urls = {"widevine": self.widevine_url, "playready": self.playready_url, "fairplay": self.fairplay_url}
        return {name: str(url) for name, url in urls.items() if url}
