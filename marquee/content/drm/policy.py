"""What a licence server is told of a request: whose it is, which keys it may get, and what its device has to be."""

import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jwt
import yaml

from marquee.contracts.base import Contract
from marquee.contracts.keys import TrackType

FILE = Path(__file__).with_name("policies.yaml")
LIFE_S = 60  # of the statement; a licence lives as long as it says


SessionState = Literal["playing", "ended", "stopped", "expired"]


class Demand(Contract):
    """What a device has to be for a kind of track."""

    security: Literal["software_crypto", "software_decode", "hardware_all"]
    hdcp: Literal["1.0", "1.4", "2.0", "2.1", "2.2", "2.3"] | None


@cache
def demands() -> dict[TrackType, Demand]:
    """By kind of track, as policies.yaml has them."""
    return {TrackType(name): Demand.model_validate(said) for name, said in yaml.safe_load(FILE.read_text()).items()}


def statement(session_id: int, tracks: Mapping[str, TrackType], *, licence_s: int, renewal_s: int, key: str) -> str:
    """A JWT (RFC 7519, HS256) for the licence server. `tracks` are the kinds of tracks by key id (hex).

    `keys` in it are all that the session may have: a server gives out no other. Licences are never to be stored.
    """
    keys: dict[str, Any] = {
        kid: {"track": track.value, **demands()[track].model_dump()} for kid, track in sorted(tracks.items())
    }
    return _signed(session_id, key, persistent=False, licence_s=licence_s, renewal_s=renewal_s, keys=keys)


def release_statement(session_id: int, state: SessionState, *, key: str) -> str:
    """The same of a licence that a device gives back: in which state the session is, and no keys."""
    return _signed(session_id, key, persistent=False, keys={}, release=state)


def _signed(session_id: int, key: str, **more: Any) -> str:
    now = int(time.time())
    claims = {"iss": "marquee", "aud": "licence-server", "sub": str(session_id), "iat": now, "exp": now + LIFE_S}
    return jwt.encode(claims | more, key, algorithm="HS256")
