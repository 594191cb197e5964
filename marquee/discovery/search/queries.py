"""Makes the index's query from the words of a viewer's.

Each word scores by where it stands and how it was written; the score of a title depends on nothing but the title and
the query, so that pages stay in order while titles are added.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from tantivy import Occur, Query, Schema

from marquee.contracts.entitlement import Viewpoint
from marquee.contracts.territories import WORLD
from marquee.contracts.title import MaturityRating
from marquee.discovery.search import folding
from marquee.discovery.search.schema import (
    CHARACTER,
    FIRST_LETTERS,
    GENRE,
    JOINED,
    MOST_LETTERS,
    NAME,
    PERSON,
    SYNOPSIS,
)


class Match(IntEnum):
    """How a query is understood, the strictest first: the next is tried where one finds too little."""

    WORDS = 0  # all words, as written or begun
    TYPOS = 1  # with one typo from 5 letters, two from 9
    MORE_TYPOS = 2  # with one typo from 3 letters, two from 5
    SOME_WORDS = 3  # at least half of the words
    ANY_WORD = 4


WHOLE = {NAME: 10.0, JOINED: 9.0, PERSON: 8.0, GENRE: 6.0, CHARACTER: 5.0, SYNOPSIS: 3.0}  # a word as it is written
BEGUN = {NAME: 8.5, PERSON: 7.0, CHARACTER: 4.5, GENRE: 4.0}  # a word's beginning
ONE_TYPO = {NAME: 6.5, JOINED: 6.0, PERSON: 5.5}
TWO_TYPOS = {NAME: 4.5, PERSON: 4.0}
TWO_TYPOS_JOINED = {JOINED: 4.0}  # of a long word only: two joined words are long, and there are many of them
BEGUN_WITH_TYPO = {NAME: 5.0, PERSON: 4.5}
LONG = 9  # letters
TYPOS_FROM = {Match.WORDS: (99, 99), Match.TYPOS: (5, LONG)}  # letters for one typo, and for two
MORE_TYPOS_FROM = (3, 5)
BEGINNING = 2  # letters of a word that is not the last


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Facets that a viewer has chosen; None is any."""

    genre: str | None = None
    kind: str | None = None
    language: str | None = None
    decade: str | None = None

    def chosen(self) -> Mapping[str, str]:
        values = {"genre": self.genre, "kind": self.kind, "language": self.language, "decade": self.decade}
        return {name: value for name, value in values.items() if value is not None}


def seen(schema: Schema, view: Viewpoint, narrowed: Narrowed) -> list[Query]:
    """What a title must have to be seen from there: an open window, a rating that suits, the facets that are chosen."""
    wanted = [("place", sorted({WORLD, view.territory}))]
    if len(view.ratings) < len(MaturityRating):
        wanted.append(("rating", list(map(str, view.ratings))))
    wanted += [(name, [value]) for name, value in narrowed.chosen().items()]
    return [_one_of(schema, field, values) for field, values in wanted]


def _one_of(schema: Schema, field: str, values: list[str]) -> Query:
    """Terms, not a set of terms: of a set all titles are gone through, of terms those that the words lead to."""
    terms = [Query.term_query(schema, field, value, "basic") for value in values]
    return terms[0] if len(terms) == 1 else Query.boolean_query([(Occur.Should, term) for term in terms])


def matching(
    schema: Schema, words: tuple[str, ...], match: Match, filters: list[Query], hidden: Collection[int] = ()
) -> Query:
    """The query for words that are not none; `hidden` titles are left out."""
    asked = [_word(schema, words, place, match) for place in range(len(words))]
    if match is Match.SOME_WORDS:
        wanted = Query.boolean_query([(Occur.Should, each) for each in asked], -(-len(words) // 2))
    elif match is Match.ANY_WORD:
        wanted = Query.boolean_query([(Occur.Should, each) for each in asked])
    else:
        wanted = Query.boolean_query([(Occur.Must, each) for each in asked])
    unscored = ((Occur.Must, Query.const_score_query(each, 0.0)) for each in filters)
    without = [(Occur.MustNot, Query.term_set_query(schema, "id", sorted(hidden)))] if hidden else []
    return Query.boolean_query([(Occur.Must, wanted), *unscored, *without])


def _word(schema: Schema, words: tuple[str, ...], place: int, match: Match) -> Query:
    """A word of a query; the best of all that it may be counts."""
    word = words[place]
    ways = [*_whole(schema, word), *_beside(schema, words, place)]
    last = place == len(words) - 1
    if last or len(word) >= BEGINNING:
        ways += _begun(schema, word)
    one, two = TYPOS_FROM.get(match, MORE_TYPOS_FROM)
    if folding.letters(word) >= one:
        ways += _fuzzy(schema, word, ONE_TYPO, 1)
        if last:
            ways += _fuzzy(schema, word, BEGUN_WITH_TYPO, 1, prefix=True)
    if folding.letters(word) >= two:
        ways += _fuzzy(schema, word, TWO_TYPOS, 2)
    if folding.letters(word) >= max(two, LONG):
        ways += _fuzzy(schema, word, TWO_TYPOS_JOINED, 2)
    return Query.disjunction_max_query(ways)


def _whole(schema: Schema, word: str) -> Iterable[Query]:
    for field, score in WHOLE.items():
        yield Query.const_score_query(Query.term_query(schema, field, word, "basic"), score)


def _begun(schema: Schema, word: str) -> Iterable[Query]:
    if len(word) > MOST_LETTERS:
        yield from _fuzzy(schema, word, BEGUN, 0, prefix=True)
    else:
        for field, score in BEGUN.items():
            yield Query.const_score_query(Query.term_query(schema, FIRST_LETTERS[field], word, "basic"), score)


def _beside(schema: Schema, words: tuple[str, ...], place: int) -> Iterable[Query]:
    """The word joined with a neighbour: `spider man` finds "Spiderman"."""
    for first in range(max(0, place - 1), min(place + 1, len(words) - 1)):
        term = Query.term_query(schema, NAME, words[first] + words[first + 1], "basic")
        yield Query.const_score_query(term, WHOLE[JOINED])


def _fuzzy(
    schema: Schema, word: str, scores: Mapping[str, float], distance: int, *, prefix: bool = False
) -> Iterable[Query]:
    for field, score in scores.items():
        found = Query.fuzzy_term_query(schema, field, word, distance, True, prefix)
        yield Query.const_score_query(found, score)
