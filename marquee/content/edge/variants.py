"""Which variant of each segment of a watermarked release a session gets. deploy/nginx/edge.lua is the other half.

Each segment holds one bit of the session's code, drawn with even chances and apart from all others by a keyed hash.
Even chances are the best there are against one or two sessions whose copies are mixed (Nuida et al., "An improvement of
discrete Tardos fingerprinting codes", 2009: for c = 2 the only probability is 1/2), so nothing but the key, the release
and the session has to be known, or stored, to tell a session's code.

The first variant lies where the rendition does, the second one beside it in a folder that no address names
(`marquee.contracts.release.UNLISTED`).
"""

import hashlib
import hmac
import math

BLOCK = 8 * hashlib.sha256().digest_size  # bits of a hash


def code(key: str, release_id: int, session_id: int, segments: int) -> bytes:
    """The bits of a session's code, eight to a byte, the first segment's highest: 1 is the second variant.

    Whole blocks of HMAC-SHA256 (RFC 2104) over `watermark/<release>.<session>.<block>`; so often as segments need.
    """
    bodies = (f"watermark/{release_id}.{session_id}.{block}" for block in range(math.ceil(segments / BLOCK)))
    return b"".join(hmac.digest(key.encode(), body.encode(), hashlib.sha256) for body in bodies)


def bit(coded: bytes, segment: int) -> int:
    """The bit of a segment, counted from 0."""
    return coded[segment // 8] >> (7 - segment % 8) & 1
