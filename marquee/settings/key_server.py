"""The key server: where content keys come from, unless we make them ourselves."""

from pathlib import Path
from typing import Self

from pydantic import AnyHttpUrl, SecretStr, model_validator

from marquee.settings.installation import Installation


class KeyServing(Installation):
    """A server that speaks SPEKE 2.0. Without an address content keys are random, made here.

    `key_server_identity` is a PEM file with our private RSA key and its certificate: requests are signed with it, and
    answers sealed for it. `key_server_certificate` is the server's, whose signature its answers must have.
    `key_server_authorization` is the value of the header of that name.
    """

    key_server_url: AnyHttpUrl | None = None
    key_server_identity: Path | None = None
    key_server_certificate: Path | None = None
    key_server_authorization: SecretStr = SecretStr("")
    key_server_inside: bool = False
    key_server_ca: Path | None = None

    @model_validator(mode="after")
    def _sealed(self) -> Self:
        if self.key_server_url and not self.key_server_identity:
            raise ValueError("a key server needs MARQUEE_KEY_SERVER_IDENTITY: its answers are encrypted for that key")
        return self
