"""Suggests while somebody types: titles, people, series and genres, all of them from titles that are seen."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from marquee.discovery.search import folding
from marquee.discovery.search.index import SearchIndex
from marquee.discovery.search.queries import TYPOS_FROM, Match
from marquee.discovery.search.searching import Asked, Found

LOOKED_AT = 30  # of the best titles
PEOPLE = 3  # at most, of a list


class SuggestionKind(StrEnum):
    """What a suggestion leads to."""

    TITLE = "title"
    PERSON = "person"
    SERIES = "series"
    GENRE = "genre"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may be meant. `id` is the title's or person's, 0 for a genre; `text` is empty for a title, named later."""

    kind: SuggestionKind
    id: int
    text: str = ""


def suggestions(
    index: SearchIndex, asked: Asked, found: Found, genres: Collection[str], limit: int
) -> list[Suggestion]:
    """At most `limit`: a genre whose name begins so, people whose name does, then titles, the best first."""
    words = asked.words
    if not words or found.match > Match.MORE_TYPOS:
        return []
    titles = [Suggestion(SuggestionKind.TITLE, each.title_id) for each in found.titles]
    others = [*_genres(words, genres), *_people(index, words, [each.title_id for each in found.titles])]
    kept = others[: max(0, limit - len(titles), limit // 2)]
    return [*kept, *titles][:limit]


def _genres(words: Sequence[str], genres: Iterable[str]) -> list[Suggestion]:
    begun = " ".join(words)
    named = (genre for genre in sorted(genres) if " ".join(folding.words(genre)).startswith(begun))
    return [Suggestion(SuggestionKind.GENRE, 0, genre) for genre in named][:1]


def _people(index: SearchIndex, words: Sequence[str], title_ids: Iterable[int]) -> list[Suggestion]:
    """Those of the best titles whose name has all words, the last of them begun."""
    found: dict[int, Suggestion] = {}
    for title_id in title_ids:
        for credited in index.entries[title_id].credits if title_id in index.entries else ():
            if credited.person_id not in found and _named(words, _folded(credited.name)):
                found[credited.person_id] = Suggestion(SuggestionKind.PERSON, credited.person_id, credited.name)
                if len(found) == PEOPLE:
                    return list(found.values())
    return list(found.values())


@lru_cache(maxsize=50_000)
def _folded(name: str) -> tuple[str, ...]:
    return tuple(folding.words(name))


def _named(words: Sequence[str], name: Sequence[str]) -> bool:
    return all(any(_meant(word, each) for each in name) for word in words[:-1]) and any(
        each.startswith(words[-1]) or _meant(words[-1], each) for each in name
    )


def _meant(word: str, known: str) -> bool:
    """The same but for a typo in a word that is long enough for one."""
    return word == known or (len(word) >= TYPOS_FROM[Match.TYPOS][0] and OSA.distance(word, known, score_cutoff=1) <= 1)
