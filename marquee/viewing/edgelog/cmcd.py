"""Reads what a player says of itself with a request: Common Media Client Data, CTA-5004, versions 1 and 2.

It comes as the query argument CMCD: a dictionary of structured fields (RFC 9651), percent-encoded. Version 2 writes
some numbers as inner lists, `br=(3200)`. What cannot be read is left out: it is a viewer's word, and no reason to
doubt the line.
"""

import re
from typing import Any
from urllib.parse import unquote_plus

LONGEST = 4_000  # characters
ITEM = re.compile(r'([a-z*][a-z0-9_.*-]*)(?:=("(?:[^"\\]|\\.)*"|\([^)]*\)|[^,;]*))?(?:;[^,]*)?(?:,|$)')
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
MOST = 1 << 53
KBIT = 1_000


def parse(argument: str) -> dict[str, Any]:
    """The columns of `edge_requests` that the argument fills; empty for none."""
    if not argument:
        return {}
    said = {item[1]: item[2] for item in ITEM.finditer(unquote_plus(argument[:LONGEST]))}
    session = (said.get("sid") or "").strip('"')
    return {
        "cmcd_version": _number(said.get("v") or "1"),
        "cmcd_session_id": int(session) if session.isascii() and session.isdecimal() and len(session) < 19 else None,
        "sequence": _number(said.get("sn")),
        "object_duration_ms": _number(said.get("d")),
        "bitrate": _number(said.get("br"), KBIT),
        "buffer_ms": _number(said.get("bl")),
        "throughput": _number(said.get("mtp"), KBIT),
        "starved": "bs" in said and said["bs"] in (None, "", "?1"),
    }


def _number(text: str | None, times: int = 1) -> int | None:
    """The first number in a value."""
    found = NUMBER.search(text or "")
    if not found or len(found[0]) > 17:
        return None
    number = round(float(found[0]) * times)
    return number if 0 <= number <= MOST else None
