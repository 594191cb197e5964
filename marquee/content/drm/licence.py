"""ClearKey licences: the JSON of W3C Encrypted Media Extensions, section 9.1 "Clear Key"."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from marquee.contracts.errors import Forbidden, InvalidInput
from marquee.contracts.keys import ContentKey

MAX_KIDS = 256  # a release has at most one key per track type and crypto period; the rest is somebody probing
WHERE = "ClearKey licence request"


def parse_request(body: bytes) -> tuple[str, ...]:
    """The key ids asked for, as 32 hex digits each, without repetitions, in order. Raises InvalidInput."""
    try:
        request: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidInput("not JSON", where=WHERE, expected='{"kids": [...], "type": "temporary"}') from None
    kids = request.get("kids") if isinstance(request, dict) else None
    if not isinstance(kids, list) or not 0 < len(kids) <= MAX_KIDS:
        raise InvalidInput("no usable list of key ids", where=f"{WHERE}: kids", expected=f"1 to {MAX_KIDS} key ids")
    if request.get("type", "temporary") != "temporary":
        got = repr(request["type"])[:40]
        raise InvalidInput("unsupported session type", where=f"{WHERE}: type", expected="temporary", got=got)
    return tuple(dict.fromkeys(_kid(value) for value in kids))


def licence(kids: tuple[str, ...], entitled: Mapping[str, ContentKey]) -> bytes:
    """The licence for these key ids, as JSON. `entitled` maps key ids to the keys this session may have.

    Raises Forbidden when any of the ids is outside the entitlement: nothing is given out then.
    """
    refused = [kid for kid in kids if kid not in entitled]
    if refused:
        raise Forbidden("the playback session does not cover this key", where=WHERE, got=", ".join(refused))
    keys = [{"kty": "oct", "kid": b64url(bytes.fromhex(k)), "k": b64url(entitled[k].reveal())} for k in kids]
    return json.dumps({"keys": keys, "type": "temporary"}).encode()


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515, appendix C), as EME and JSON Web Keys want it."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _kid(value: Any) -> str:
    """Hex digits of one base64url key id. Strict: neither padding nor the other base64 alphabet is let through."""
    where, expected = f"{WHERE}: kids", "16 bytes as base64url without padding"
    if not isinstance(value, str) or len(value) != 22:
        raise InvalidInput("not a key id", where=where, expected=expected, got=repr(value)[:60])
    try:
        kid = base64.b64decode(f"{value}==", altchars=b"-_")
    except (binascii.Error, ValueError):
        raise InvalidInput("not a key id", where=where, expected=expected, got=repr(value)) from None
    if b64url(kid) != value:
        raise InvalidInput("not a key id", where=where, expected=expected, got=repr(value))
    return kid.hex()
