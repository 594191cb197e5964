"""Credentials: set by the operator, or made once and kept for the owner only."""

import base64
import contextlib
import os
import secrets
import tempfile
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import SecretStr, model_validator

from marquee.settings.installation import Installation, Profile

SECRETS = ("master_key", "signing_key", "edge_key", "token_key", "airflow_password", "airflow_secret")


class Credentials(Installation):
    """Keys and passwords. The production profile needs all of SECRETS to be set."""

    master_key: SecretStr = SecretStr("")
    other_master_key: SecretStr = SecretStr("")  # opens what the master key does not, while it is exchanged
    signing_key: SecretStr = SecretStr("")
    edge_key: SecretStr = SecretStr("")
    token_key: SecretStr = SecretStr("")
    airflow_password: SecretStr = SecretStr("")
    airflow_secret: SecretStr = SecretStr("")
    watermark_key: SecretStr = SecretStr("")  # of releases with a forensic watermark, at encoders and edges
    postgres_password: SecretStr = SecretStr("")  # of the embedded server; made where it is missing, in any profile

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [f"MARQUEE_{name.upper()}" for name in SECRETS if not self._secret(name)]
        if missing and self.profile is Profile.PRODUCTION:
            raise ValueError(f"the production profile needs {', '.join(missing)} to be set")
        return self

    def _secret(self, name: str) -> str:
        value: SecretStr = getattr(self, name)
        return value.get_secret_value()

    def secret(self, name: str) -> str:
        """A secret by name; the demo profile makes it once and keeps it in MARQUEE_HOME/secrets, for the owner only."""
        if value := self._secret(name):
            return value
        return _made_once(self.home / "secrets" / name)

    @property
    def master_keys(self) -> tuple[str, ...]:
        """Those that may open what is stored: the present one, and the other while they are exchanged."""
        other = self.other_master_key.get_secret_value()
        return (self.secret("master_key"), *([other] if other else []))


@cache
def _made_once(path: Path) -> str:
    """The secret in a file; read once, for it is asked for with every request and never changes."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _create(path, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="))
    return path.read_text()


def _create(path: Path, content: str) -> None:
    """A file for the owner only, appearing whole; when another process was faster, its content stays."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:  # made with mode 0600
        file.write(content)
        file.flush()
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)
