"""Cursors of ranked pages: the place of the last title, which stays where it is when others are added."""

import base64
import binascii

from marquee.contracts.errors import InvalidInput
from marquee.discovery.search.ranking import Ranked

LENGTH = 22  # of a cursor


def write(last: Ranked) -> str:
    """The page goes on after this one."""
    raw = last.key.to_bytes(8, "big") + last.title_id.to_bytes(8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read(cursor: str) -> Ranked:
    """The place that a page goes on after. Raises InvalidInput."""
    try:
        raw = base64.b64decode(f"{cursor}==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    place = Ranked(int.from_bytes(raw[:8], "big"), int.from_bytes(raw[8:], "big"))
    if len(raw) != 16 or max(place) >= 2**63 or write(place) != cursor:
        raise InvalidInput("not a cursor", where="cursor", expected="next_cursor of a page before", got=repr(cursor))
    return place
