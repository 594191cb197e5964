"""Searches that nothing answered: what of them is counted.

A query is folded, and left out where it could name somebody: an address, a number, anything long.
"""

import re

from marquee.discovery.search import folding

LONGEST = 60  # letters
PERSONAL = re.compile(r"@|\d{4}[\d -]*\d{2}|https?:", re.IGNORECASE)


def counted(query: str) -> str | None:
    """The query as it is counted; None where it is not."""
    if PERSONAL.search(query):
        return None
    folded = " ".join(folding.asked_words(query))
    return folded if 2 <= len(folded) <= LONGEST else None
