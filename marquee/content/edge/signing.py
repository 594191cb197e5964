"""Signs and checks media tokens, with which an edge decides by itself.

A token stands in the path, `/m/<token>/<title_id>/<release_id>/<path>`, so that the relative URLs of manifests
inherit it. Its form is `2.<audience>.<title_id>.<release_id>.<session_id>.<lines>.<network>.<expires>.<mac>`, where
the MAC is the base64url HMAC-SHA256 (RFC 2104, RFC 4648 §5) of all that stands before its dot. deploy/nginx/edge.lua is
the other half of this file.
"""

import base64
import hashlib
import hmac
import time

from pydantic import ValidationError

from marquee.contracts.edge import MediaGrant
from marquee.contracts.errors import Forbidden, Unauthorised

VERSION = "2"
FIELDS = ("audience", "title_id", "release_id", "session_id", "lines", "network", "expires")


def sign(grant: MediaGrant, *, key: str) -> str:
    """The token of a grant."""
    body = ".".join((VERSION, *(str(getattr(grant, name)) for name in FIELDS)))
    return f"{body}.{_mac(body, key)}"


def verify(token: str, *, key: str, now: float | None = None) -> MediaGrant:
    """The grant of a token. Raises Unauthorised when it is not one of ours, Forbidden when its time is over."""
    body, _, mac = token.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(body, key).encode()):
        raise Unauthorised("not a media token of this platform")
    grant = _parse(body)
    if grant.expires <= (time.time() if now is None else now):
        raise Forbidden("the media token has expired", where=f"session {grant.session_id}")
    return grant


def media_path(grant: MediaGrant, path: str, *, key: str) -> str:
    """The URL path at any edge of a file of the granted release, e.g. of `dash/manifest.mpd`."""
    return f"/m/{sign(grant, key=key)}/{grant.prefix}/{path}"


def _mac(body: str, key: str) -> str:
    digest = hmac.digest(key.encode(), body.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _parse(body: str) -> MediaGrant:
    version, *fields = body.split(".")
    if version != VERSION:
        raise Unauthorised("a media token of another version", expected=VERSION, got=version)
    try:
        return MediaGrant.model_validate(dict(zip(FIELDS, fields, strict=True)))
    except (ValueError, ValidationError):
        raise Unauthorised("a media token of an unknown form") from None
