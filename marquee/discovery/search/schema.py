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
# The first letters of a field's words. With so few, thousands of words begin, and each of them would be read.
FIRST_LETTERS = {NAME: "name_letters", PERSON: "person_letters", CHARACTER: "character_letters", GENRE: "genre_letters"}
MOST_LETTERS = 2
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
    for field in (NAME, JOINED, PERSON, CHARACTER, GENRE, SYNOPSIS, *FIRST_LETTERS.values()):
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
    words = {
        NAME: [word for name in folded for word in name],
        JOINED: [word for name in folded for word in folding.joined(name)],
        PERSON: _words(credited.name for credited in kept.credits),
        CHARACTER: _words(credited.character for credited in kept.credits if credited.character),
        GENRE: _words(document.genres),
        SYNOPSIS: [word for synopsis in document.synopses for word in folding.words(synopsis)],
    }
    return {
        "id": document.title_id,
        "weight": 1 + WEIGHT * document.popularity,
        **{name: _text(those) for name, those in words.items()},
        **{letters: _text(_first_letters(words[name])) for name, letters in FIRST_LETTERS.items()},
        "place": sorted(document.places),
        "rating": [document.rating],
        "series": [document.series] if document.series else [],
        **{name: list(values) for name, values in zip(FACETS, kept.facets, strict=True)},
    }


def _words(texts: Iterable[str]) -> list[str]:
    return [word for text in texts for spelled in (folding.words, folding.variants) for word in spelled(text)]


def _first_letters(words: Iterable[str]) -> Iterable[str]:
    return (word[:n] for word in words for n in range(1, MOST_LETTERS + 1))


def _text(words: Iterable[str]) -> list[str]:
    return [" ".join(dict.fromkeys(words))]
