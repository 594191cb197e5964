"""The index of one process, in memory.

It holds nothing that the database does not: what goes wrong with it is answered by making a new one.
"""

from collections.abc import Collection, Hashable, Iterable
from typing import NamedTuple

import tantivy

from marquee.discovery.search import schema
from marquee.discovery.search.document import SearchDocument
from marquee.discovery.search.schema import Entry

HEAP = 500_000_000  # bytes for writing, at most: some 300,000 titles make one segment, and each is searched anew


MOST_KEPT = 1_000  # answers


class Hits(NamedTuple):
    """What the index answers: titles with their scores, the best first, and how many match in all."""

    scores: tuple[tuple[int, float], ...]
    total: int


class SearchIndex:
    """Titles by their words. One thread may change it while others search: they see the state before, then the new.

    `kept` are answers to queries that many people type, as of the present state: take it before the searcher.
    """

    def __init__(self) -> None:
        self.schema = schema.build()
        self._index = tantivy.Index(self.schema)
        self._index.register_tokenizer(schema.WORDS, schema.tokenizer())
        self.entries: dict[int, Entry] = {}
        self.kept: dict[Hashable, Hits] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def change(self, documents: Iterable[SearchDocument], gone: Collection[int] = ()) -> None:
        """Put these in place of what is held of the same titles, and take out those that are `gone`."""
        entries = self.entries.copy()
        writer = self._index.writer(HEAP, num_threads=1)
        for title_id in gone:
            if entries.pop(title_id, None):
                writer.delete_documents_by_term("id", title_id)
        for document in documents:
            if document.title_id in entries:
                writer.delete_documents_by_term("id", document.title_id)
            kept = entries[document.title_id] = schema.entry(document)
            writer.add_document(tantivy.Document.from_dict(schema.fields(document, kept), self.schema))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self.entries, self.kept = entries, {}

    def searcher(self) -> tantivy.Searcher:
        """The state as of now; it stays the same for who holds it."""
        return self._index.searcher()


def hits(searcher: tantivy.Searcher, query: tantivy.Query, most: int) -> Hits:
    """The best titles for a query, each score lifted by the title's weight."""
    result = searcher.search(query, most, weight_by_field="weight")
    found = searcher.fast_field_values("id", [address for _, address in result.hits])
    scores = tuple((int(title_id or 0), score) for title_id, (score, _) in zip(found, result.hits, strict=True))
    return Hits(scores, result.count)  # type: ignore[attr-defined]  # the stubs lack it


def keep(kept: dict[Hashable, Hits], key: Hashable, answer: Hits) -> None:
    """Remember an answer; where many are, forget the oldest."""
    if len(kept) >= MOST_KEPT:
        kept.pop(next(iter(kept)), None)
    kept[key] = answer
