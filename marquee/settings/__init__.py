"""The one settings class. Every value can be set as MARQUEE_<NAME> in the environment or in .env.

Its fields stand in groups, a file each: installation, tls, addresses, credentials, regions, state, content, licensing,
key_server, members, viewing, roles, monitoring.
"""

import hashlib
from threading import Lock

from pydantic import SecretStr

from marquee.settings.content import Content
from marquee.settings.credentials import SECRETS
from marquee.settings.installation import Profile
from marquee.settings.key_server import KeyServing
from marquee.settings.licensing import Licensing
from marquee.settings.members import Members
from marquee.settings.monitoring import Monitoring
from marquee.settings.roles import Role, Serving
from marquee.settings.state import State
from marquee.settings.viewing import Audience, Viewing

__all__ = ["SECRETS", "Audience", "Profile", "Role", "Settings", "settings"]


class Settings(State, Content, Licensing, KeyServing, Members, Viewing, Serving, Monitoring):
    """All of Marquee's configuration. See .env.example for each value in words."""

    @property
    def stamp(self) -> str:
        """Changes with any value, wherever it was set; it reveals none."""
        values = {
            name: value.get_secret_value() if isinstance(value := getattr(self, name), SecretStr) else value
            for name in type(self).model_fields
        }
        return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


class _ReadOnce:
    """Settings of the environment, kept; `cache_clear` waits for a reading that another thread has begun.

    `lru_cache` would keep what that thread has read before it was cleared.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: Settings | None = None

    def __call__(self) -> Settings:
        """The settings of this process, read once."""
        if (kept := self._kept) is not None:
            return kept
        with self._lock:
            if self._kept is None:
                self._kept = Settings()
            return self._kept

    def cache_clear(self) -> None:
        """Read them anew when they are next asked for."""
        with self._lock:
            self._kept = None


settings = _ReadOnce()
