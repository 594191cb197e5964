"""Fields of the index, and a title as they hold it."""

from collections.abc import Iterable
from typing import NamedTuple

import tantivy

from marquee.discovery.search import folding
from marquee.discovery.search.document import Credited, SearchDocument

WORDS = "words"  # the tokenizer of text that is folded already
WEIGHT = 0.05  # by so much of its score the most popular title is lifted
# Searched, from what says most of a title to what says least.
NAME, JOINED, PERSON, CHARACTER, GENRE, SYNOPSIS = "name", "joined", "person", "character", "genre_words", "synopsis"
FACETS = ("genre", "kind", "language", "decade")


class Entry(NamedTuple):
    """What stays in Python of a title, for ranking, counting and suggestions; the names are folded."""

    names: tuple[str, ...]
    credits: tuple[Credited, ...]
    facets: tuple[tuple[str, ...], ...]  # the values of each of FACETS


def build() -> tantivy.Schema:
    """Text is indexed without positions: how near the words stand is seen when the best are ranked."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)  # of unsigned ones nothing is deleted (tantivy 0.27)
    builder.add_float_field("weight", fast=True)
    for field in (NAME, JOINED, PERSON, CHARACTER, GENRE, SYNOPSIS):
        builder.add_text_field(field, tokenizer_name=WORDS, index_option="basic")
    for field in ("place", "rating", "series"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in FACETS:
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
    return builder.build()


def tokenizer() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def entry(document: SearchDocument) -> Entry:
    names = [*document.names.values(), *(document.series_names or filter(None, [document.series]))]
    folded = dict.fromkeys(" ".join(spelled(name)) for name in names for spelled in (folding.words, folding.variants))
    facets = document.genres, (document.kind,), (document.language,), (str(document.year // 10 * 10),)
    return Entry(tuple(name for name in folded if name), document.credits, facets)


def fields(document: SearchDocument, kept: Entry) -> dict[str, object]:
    """The values of a title, by field."""
    folded = [name.split() for name in kept.names]
    return {
        "id": document.title_id,
        "weight": 1 + WEIGHT * document.popularity,
        NAME: _text(word for name in folded for word in name),
        JOINED: _text(word for name in folded for word in folding.joined(name)),
        PERSON: _text(_words(credited.name for credited in kept.credits)),
        CHARACTER: _text(_words(credited.character for credited in kept.credits if credited.character)),
        GENRE: _text(_words(document.genres)),
        SYNOPSIS: _text(word for synopsis in document.synopses for word in folding.words(synopsis)),
        "place": sorted(document.places),
        "rating": [document.rating],
        "series": [document.series] if document.series else [],
        **{name: list(values) for name, values in zip(FACETS, kept.facets, strict=True)},
    }


def _words(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        yield from folding.words(text)
        yield from folding.variants(text)


def _text(words: Iterable[str]) -> list[str]:
    return [" ".join(dict.fromkeys(words))]
