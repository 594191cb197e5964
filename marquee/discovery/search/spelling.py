"""Says what a query with a typo probably meant: its words as the best title or its people have them."""

from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from marquee.discovery.search import folding
from marquee.discovery.search.schema import Entry

FARTHEST = 0.35  # of a word's letters may differ


def better_spelling(words: Sequence[str], best: Entry) -> str | None:
    """The query, folded, with its words put right; None where nothing is to be put right, or nobody can say how."""
    texts = [folding.words(text) for text in (*best.names, *(c.name for c in best.credits))]
    known = [word for text in texts for word in (*text, *folding.joined(text))]
    right = [_nearest(word, known) for word in words]
    return " ".join(right) if right != list(words) else None


def _nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is nearest; the word itself where none is near, or one begins with it."""
    known = list(known)
    if any(each.startswith(word) for each in known):
        return word
    most = max(1, round(FARTHEST * len(word)))
    found = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=most)
    return word if found is None else str(found[0])
