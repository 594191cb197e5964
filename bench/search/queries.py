"""Makes queries out of names: with typos, without diacritics, cut, swapped, with a person."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ALPHABETS = (
    LETTERS,
    "абвгдежзийклмнопрстуфхцчшщыьэюя",
    "あいうえおかきくけこさしすせそたちつてとなにのまみもらりるれろ",
)
TYPO_FROM = 4  # letters of a word that gets a typo


@dataclass(frozen=True)
class Wanted:
    """A title that is looked for: its id, a name of it, and somebody of its cast."""

    title_id: int
    name: str
    person: str = ""


KATAKANA = "アイウエオカキクケコサシスセソタチツテトナニノマミモラリルレロ"


def other_letter(word: str, by: Random) -> str:
    """A letter of its own script that it does not begin with."""
    script = next(
        (each for each in ALPHABETS if word[-1].lower() in each), KATAKANA if "ァ" <= word[-1] <= "ヶ" else LETTERS
    )
    return by.choice([letter for letter in script if letter != word[0].lower()])


def insertion(word: str, by: Random) -> str:
    place = by.randint(1, len(word))
    return word[:place] + other_letter(word, by) + word[place:]


def deletion(word: str, by: Random) -> str:
    place = by.randrange(1, len(word))
    return word[:place] + word[place + 1 :]


def substitution(word: str, by: Random) -> str:
    place = by.randrange(len(word))
    return word[:place] + other_letter(word[place:], by) + word[place + 1 :]


def transposition(word: str, by: Random) -> str:
    places = [n for n in range(len(word) - 1) if word[n] != word[n + 1]]
    place = by.choice(places or [0])
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


TYPOS: dict[str, Callable[[str, Random], str]] = {
    "insertion": insertion,
    "deletion": deletion,
    "substitution": substitution,
    "transposition": transposition,
}


def with_typo(name: str, kind: str, by: Random) -> str | None:
    """With a typo in one of its longer words, the longer the likelier; None where it has none."""
    words = name.split()
    weights = [len(word) if len(word) >= TYPO_FROM and word.isalpha() else 0 for word in words]
    if not any(weights):
        return None
    (place,) = by.choices(range(len(words)), weights)
    return " ".join([*words[:place], TYPOS[kind](words[place], by), *words[place + 1 :]])


def with_two_typos(name: str, by: Random) -> str | None:
    once = with_typo(name, by.choice(list(TYPOS)), by)
    return once and with_typo(once, by.choice(list(TYPOS)), by)


def plain(name: str) -> str | None:
    """Without its diacritics; None where it has none."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c)).replace("ß", "ss")
    return bare if bare != name else None


def partial(name: str, by: Random) -> str | None:
    """Its last word begun, with at least three letters."""
    *head, last = name.split()
    return " ".join([*head, last[: by.randint(3, len(last) - 1)]]) if len(last) > TYPO_FROM else None


def swapped(name: str, by: Random) -> str | None:
    words = name.split()
    mixed = by.sample(words, len(words))
    return " ".join(mixed) if mixed != words else None


def person_and_word(wanted: Wanted, by: Random) -> str | None:
    words = [word for word in wanted.name.split() if len(word) >= TYPO_FROM]
    return f"{wanted.person.split()[-1]} {by.choice(words)}" if wanted.person and words else None


def made(wanted: Wanted, by: Random) -> dict[str, str | None]:
    """A query of each kind for a title, where its name allows it."""
    return {
        "as written": wanted.name,
        **{kind: with_typo(wanted.name, kind, by) for kind in TYPOS},
        "two typos": with_two_typos(wanted.name, by),
        "no diacritics": plain(wanted.name),
        "partial": partial(wanted.name, by),
        "swapped": swapped(wanted.name, by),
        "person and word": person_and_word(wanted, by),
    }
