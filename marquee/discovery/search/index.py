"""The index of one process, in memory.

It holds nothing that the database does not: what goes wrong with it is answered by making a new one.
"""

from collections.abc import Collection, Iterable, Sequence

import tantivy

from marquee.discovery.search import schema
from marquee.discovery.search.document import SearchDocument
from marquee.discovery.search.schema import Entry

HEAP = 500_000_000  # bytes for writing, at most: some 300,000 titles make one segment, and each is searched anew


class SearchIndex:
    """Titles by their words. One thread may change it while others search: they see the state before, then the new."""

    def __init__(self) -> None:
        self.schema = schema.build()
        self._index = tantivy.Index(self.schema)
        self._index.register_tokenizer(schema.WORDS, schema.tokenizer())
        self.entries: dict[int, Entry] = {}

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
        self.entries = entries

    def searcher(self) -> tantivy.Searcher:
        """The state as of now; it stays the same for who holds it."""
        return self._index.searcher()


def ids(searcher: tantivy.Searcher, hits: Sequence[tuple[float, tantivy.DocAddress]]) -> list[int]:
    """The titles of hits."""
    return [int(found or 0) for found in searcher.fast_field_values("id", [address for _, address in hits])]
