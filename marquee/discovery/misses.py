"""Searches that nothing answered: what of them is counted.

A query is folded, and left out where it could name somebody: an address, a number, anything long. Who asks is not kept,
only that several did: each sets one of 63 bits beside the query, by a keyed hash of both. As many bits as are set, so
many people asked at least, and whoever has the bits alone learns no more.
"""

import hmac
import re

from marquee.discovery.search import folding

LONGEST = 60  # letters
BITS = 63  # of a signed number of 64
PERSONAL = re.compile(r"@|\d{4}[\d -]*\d{2}|https?:", re.IGNORECASE)


def counted(query: str) -> str | None:
    """The query as it is counted; None where it is not."""
    if PERSONAL.search(query):
        return None
    folded = " ".join(folding.asked_words(query))
    return folded if 2 <= len(folded) <= LONGEST else None


def asker_bit(query: str, asker: str, key: str) -> int:
    """The bit that this asker sets beside this query: another one beside most others."""
    digest = hmac.digest(key.encode(), f"search miss\0{query}\0{asker}".encode(), "sha256")
    return 1 << int.from_bytes(digest[:8]) % BITS
