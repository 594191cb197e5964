"""Ids for viewers and titles that another system named: the same name always gets the same id."""

import hashlib

KINDS = ("user", "item")


def external_id(source: str, kind: str, name: str) -> int:
    """63 bits of a hash of the source and the name; `kind` is user or item."""
    digest = hashlib.sha256(f"{source}:{kind}:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
