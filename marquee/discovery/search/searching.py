"""Searches the index: from a query and a viewpoint to titles in order, counts by facet and a better spelling."""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field

import tantivy

from marquee.contracts.entitlement import Viewpoint
from marquee.discovery.search import folding
from marquee.discovery.search.index import Hits, SearchIndex, hits, keep
from marquee.discovery.search.queries import Match, Narrowed, matching, seen
from marquee.discovery.search.ranking import Ranked, ranked
from marquee.discovery.search.schema import FACETS
from marquee.discovery.search.spelling import better_spelling

MOST_RANKED = 200  # titles that a query leads to, however many match
ENOUGH = 3  # titles
MOST_VALUES = 30  # of a facet
SHORT = 3  # letters: what everybody types first leads to many titles, and is kept
ANYTHING = Narrowed()


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: what for, from where, and narrowed to what.

    `tastes` are genres that the profile likes, `hidden` titles that it does not want to see. At most `most` titles are
    ranked; with fewer than `enough` the next reading of the query is tried as well.
    """

    query: str
    view: Viewpoint
    narrowed: Narrowed = ANYTHING
    tastes: frozenset[str] = frozenset()
    hidden: frozenset[int] = frozenset()
    most: int = MOST_RANKED
    enough: int = ENOUGH

    @property
    def words(self) -> tuple[str, ...]:
        return folding.asked_words(self.query)

    @property
    def is_short(self) -> bool:
        """Whether many ask the same."""
        return len(self.query) <= SHORT and not self.hidden


@dataclass(frozen=True, slots=True)
class Found:
    """What a search leads to. `total` counts all that match, of which at most MOST_RANKED are ranked.

    `facets` are numbers of titles by value, by facet. `match` says how the query had to be understood.
    """

    titles: tuple[Ranked, ...] = ()
    total: int = 0
    match: Match = Match.WORDS
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    did_you_mean: str | None = None


def search(index: SearchIndex, asked: Asked, *, allowed: Collection[int], facets: bool = False) -> Found:
    """The titles for a query, none for one without words; only those of `allowed`, whatever the index holds."""
    words = asked.words
    if not words:
        return Found()
    kept, searcher = index.kept, index.searcher()
    match, query, scores, total = _understood(index, kept, searcher, asked, allowed)
    order = ranked(words, scores, index.entries, asked.tastes)
    if not order:
        return Found(match=match)
    counted = _facets(index, searcher, query, [each.title_id for each in order], total) if facets else {}
    right = better_spelling(words, index.entries[order[0].title_id]) if match > Match.WORDS else None
    return Found(tuple(order), total, match, counted, right)


def _understood(
    index: SearchIndex,
    kept: dict[Hashable, Hits],
    searcher: tantivy.Searcher,
    asked: Asked,
    allowed: Collection[int],
) -> tuple[Match, tantivy.Query, dict[int, float], int]:
    """How the query is understood, what that asks the index, the scores of the titles, and how many they are.

    That is the strictest reading that finds anything. Where it finds few, titles of the next are told after its own.
    """
    filters, strictest = seen(index.schema, asked.view, asked.narrowed), Match.ANY_WORD
    for match in Match:
        query = matching(index.schema, asked.words, match, filters, asked.hidden)
        found = _hits(kept, searcher, asked, match, query)
        scores = {title_id: score for title_id, score in found.scores if title_id in allowed}
        strictest = min(strictest, match) if scores else strictest
        if len(scores) >= asked.enough or (scores and match > Match.WORDS):
            break
    return strictest, query, scores, found.total - len(found.scores) + len(scores)


def _hits(
    kept: dict[Hashable, Hits], searcher: tantivy.Searcher, asked: Asked, match: Match, query: tantivy.Query
) -> Hits:
    if not asked.is_short:
        return hits(searcher, query, asked.most)
    key = asked.words, match, asked.view, asked.narrowed, asked.most
    answer = kept.get(key)
    if answer is None:
        answer = hits(searcher, query, asked.most)
        keep(kept, key, answer)
    return answer


def _facets(
    index: SearchIndex, searcher: tantivy.Searcher, query: tantivy.Query, titles: Collection[int], total: int
) -> dict[str, dict[str, int]]:
    """Counted here where all titles are known, else by the index, which goes through them again."""
    if total > len(titles):
        wanted = {name: {"terms": {"field": name, "size": MOST_VALUES}} for name in FACETS}
        counted = searcher.aggregate(query, wanted)
        return {name: {row["key"]: row["doc_count"] for row in counted[name]["buckets"]} for name in FACETS}
    entries = [index.entries[title_id] for title_id in titles]
    columns = (Counter(v for entry in entries for v in entry.facets[n]) for n in range(len(FACETS)))
    return {name: dict(column.most_common(MOST_VALUES)) for name, column in zip(FACETS, columns, strict=True)}
