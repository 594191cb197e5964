"""Invents names of places, people and titles, the same in every language."""

from dataclasses import dataclass
from random import Random

from marquee.viewing.simulation.catalogue.words import (
    AND,
    FIRST,
    LANGUAGES,
    OF,
    QUALITIES,
    SENTENCE,
    SYLLABLES,
    THINGS,
)

LATIN, CYRILLIC, KATAKANA = range(3)
SCRIPTS = {"ru": CYRILLIC, "ja": KATAKANA}  # Latin in all other languages


@dataclass(frozen=True)
class Place:
    """An invented place, by its name in each script."""

    names: tuple[str, str, str]

    def named(self, language: str) -> str:
        return self.names[SCRIPTS.get(language, LATIN)]


def place(by: Random) -> Place:
    drawn = [by.choice(SYLLABLES) for _ in range(by.randint(2, 4))]
    latin, cyrillic, katakana = ("".join(syllable[script] for syllable in drawn) for script in range(3))
    return Place((latin.capitalize(), cyrillic.capitalize(), katakana))


def people(count: int, by: Random) -> list[str]:
    """Different names of people, in Latin letters."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[f"{by.choice(FIRST)} {place(by).names[LATIN]}"] = None
    return list(found)


@dataclass(frozen=True)
class Words:
    """A title's names and synopses, by language."""

    names: dict[str, str]
    synopses: dict[str, str]


def words(person: str, by: Random) -> Words:
    """A title's words; its hero bears a name of the cast."""
    where, (first, second) = place(by), by.sample(THINGS, 2)
    pattern, quality = by.randrange(3), by.choice(QUALITIES)
    names = {n: _name(n, where, (first[i], second[i]), pattern) for i, n in enumerate(LANGUAGES)}
    if by.random() < 0.5:
        names["en"] = f"{quality} {names['en']}"
    synopses = {
        language: SENTENCE[language].format(place=where.named(language), person=person, a=first[n], b=second[n])
        for n, language in enumerate(LANGUAGES)
    }
    return Words(names, synopses)


def _name(language: str, where: Place, things: tuple[str, str], pattern: int) -> str:
    first, second = things if language in SCRIPTS else map(_capital, things)
    if pattern == 0:
        return OF[language].format(a=first, b=where.named(language))
    if pattern == 1:
        return AND[language].format(a=first, b=second) + f" – {where.named(language)}"
    return f"{where.named(language)} {first}"


def _capital(thing: str) -> str:
    return thing[:1].upper() + thing[1:]
