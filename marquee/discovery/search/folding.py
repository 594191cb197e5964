"""Folds text to words that compare alike however they are written: case, diacritics, scripts, hyphens.

Words come out in Latin letters and digits: "Café" is `cafe`, "Капитан" is `kapitan`. Kana stays kana, in Hiragana, so
that a typo is one letter; in Latin letters it is a variant. A Chinese character is a word of its own, as it is written:
its reading depends on what stands beside it.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from anyascii import anyascii

MOST_WORDS = 12  # of a query; what follows is left out
APOSTROPHES = re.compile(r"(?<=\w)['’ʼ`´](?=\w)")
PARTS = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff]|[\u3040-\u309f]+|[\u30a0-\u30ff]+|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)
ASCII_PARTS = re.compile(r"[a-z0-9]+")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"})
HIRAGANA = {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}  # ァ to ヶ, as Unicode arranges them
SAME_LETTER = str.maketrans({"ё": "е"})  # Russian is written with either


def words(text: str) -> list[str]:
    """The words of a text, folded, in order."""
    return [word for part in _parts(text) if (word := _latin(part))]


def variants(text: str) -> list[str]:
    """Further spellings of its words that people type: `ae` for `ä` on other keyboards, `kaito` for "カイト"."""
    if text.isascii():
        return []
    parts = [part for part in _parts(text) if not part.isascii()]
    return [word for part in parts if (word := _spelled(part)) and word != _latin(part)]


def letters(word: str) -> int:
    """How long a folded word is to somebody who types it: kana are syllables."""
    return 2 * len(word) if _is_kana(word) else len(word)


def joined(folded: list[str]) -> list[str]:
    """Each two neighbours as one word: `spiderman` for "Spider-Man"."""
    return [first + second for first, second in pairwise(folded)]


def asked_words(query: str) -> tuple[str, ...]:
    """The words of a query, the first of them where there are very many."""
    return tuple(words(query)[:MOST_WORDS])


@lru_cache(maxsize=1_000)  # a name is folded and spelled in turn
def _parts(text: str) -> list[str]:
    if text.isascii():
        return ASCII_PARTS.findall(text.lower().replace("'", "").replace("`", ""))
    plain = unicodedata.normalize("NFKC", text).casefold().translate(SAME_LETTER)
    return PARTS.findall(unicodedata.normalize("NFC", APOSTROPHES.sub("", plain)))


@lru_cache(maxsize=100_000)
def _latin(part: str) -> str:
    if part.isascii() or "\u3400" <= part[0] <= "\u9fff":
        return part
    if _is_kana(part):
        return part.translate(HIRAGANA)
    return _letters_of(anyascii(part).lower())


@lru_cache(maxsize=100_000)
def _spelled(part: str) -> str:
    return _letters_of(anyascii(part).lower()) if _is_kana(part) else _latin(part.translate(UMLAUTS))


def _letters_of(word: str) -> str:
    return word if word.isalnum() else "".join(letter for letter in word if letter.isalnum())


def _is_kana(part: str) -> bool:
    return "\u3040" <= part[0] <= "\u30ff"
