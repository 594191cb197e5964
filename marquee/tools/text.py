"""Decodes bytes to text: the one place that decides a subtitle file's encoding."""

import re
from dataclasses import dataclass
from itertools import pairwise

from charset_normalizer import from_bytes

from marquee.contracts.errors import InvalidInput

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._-]{0,39})[\"']")
LETTER = r"[^\W\d_]"
SIGN = "[\x80-\x9f\xa1-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7]"  # of Latin-1: control codes and what is no letter
ODD = re.compile(f"(?<={LETTER}){SIGN}(?={LETTER})|[\x80-\x9f]|[\xa6\xb1\xb6\xbc-\xbf](?={LETTER})")
MULTIBYTE = ("shift_jis cp932 euc_jp", "gb18030 big5")
WESTERN = ("cp1252", "iso8859_15")
# What subtitles of a language were written in before Unicode. The code pages of Windows come first: their files are
# the commoner ones, and they hold letters where ISO 8859 has control codes.
LEGACY = {
    "cp1250 iso8859_2": "bs cs hr hu pl ro sk sl sq",
    "cp1251 koi8_r iso8859_5": "be bg mk ru sr uk",
    "cp1253 iso8859_7": "el",
    "cp1254 iso8859_9": "tr az",
    "cp1255 iso8859_8": "he yi",
    "cp1256 iso8859_6": "ar fa ur",
    "cp1257 iso8859_13": "et lt lv",
    "cp874": "th",
    "cp1258": "vi",
    "shift_jis cp932 euc_jp": "ja",
    "gb18030 big5": "zh",
    "cp949": "ko",
}
BY_LANGUAGE = {language: tuple(names.split()) for names, of in LEGACY.items() for language in of.split()}
ALL = tuple(dict.fromkeys((*WESTERN, *(name for names in BY_LANGUAGE.values() for name in names))))


@dataclass(frozen=True)
class Decoded:
    """Text with line feeds only and without NULs. `guessed` when nothing in the file or beside it says its encoding."""

    text: str
    encoding: str
    guessed: bool


def decode(raw: bytes, *, encoding: str = "", language: str = "") -> Decoded:
    """Bytes as text, by the first of these that says something.

    1. A byte order mark. 2. `encoding`, as a person states it. 3. An XML declaration (XML 1.0, section 4.3.3).
    4. UTF-8, when every byte holds as such. 5. A guess by letters, among the encodings of `language` (BCP 47) where
    there are any: a few hundred bytes do not tell Polish from French.

    Raises InvalidInput for bytes that do not hold in the encoding of 1 to 3, an encoding that Python does not know, and
    bytes that are no text at all.
    """
    declared = DECLARATION.match(raw)
    named = _marked(raw) or encoding or (declared[1].decode() if declared else "")
    if named:
        return Decoded(_plain(_strict(raw, named)), named, guessed=False)
    try:
        return Decoded(_plain(raw.decode("utf-8")), "utf-8", guessed=False)
    except UnicodeDecodeError:
        found = _guess(raw, language)
        return Decoded(_plain(raw.decode(found, errors="replace")), found, guessed=True)


def _marked(raw: bytes) -> str:
    return next((name for mark, name in MARKS if raw.startswith(mark)), "")


def _strict(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        got = f"{raw[error.start]:#04x} at byte {error.start}"
        raise InvalidInput("the text does not hold in its encoding", expected=encoding, got=got) from None
    except (LookupError, ValueError, TypeError):  # no such codec, or one that does not give text
        raise InvalidInput("no such text encoding", expected="a name such as windows-1251", got=encoding) from None


def _guess(raw: bytes, language: str) -> str:
    """The likeliest encoding of bytes that are not UTF-8. Raises InvalidInput when none is likely."""
    candidates = BY_LANGUAGE.get(language.partition("-")[0].lower(), WESTERN if language else ALL)
    for wanted in (candidates, ALL):
        if best := from_bytes(raw, cp_isolation=list(wanted), preemptive_behaviour=False).best():
            return _likeliest_of_family(raw, best.encoding)
    raise InvalidInput("not text in any encoding known", expected="UTF-8, or `encoding:` in the sidecar")


def _likeliest_of_family(raw: bytes, found: str) -> str:
    """Of encodings for the same letters (windows-1250 and ISO 8859-2), the one that makes the fewest oddities.

    charset-normalizer takes the one for the other, as they share most of their places.
    """
    family = next((n.split() for n in LEGACY if found in n.split() and n not in MULTIBYTE), [found])
    return min([found, *(name for name in family if _holds(raw, name))], key=lambda name: _oddities(raw.decode(name)))


def _holds(raw: bytes, encoding: str) -> bool:
    try:
        return bool(raw.decode(encoding))
    except UnicodeDecodeError:
        return False


def _oddities(text: str) -> int:
    """Signs beyond ASCII beside a letter that are no letters themselves, and capitals after small letters."""
    return len(ODD.findall(text)) + sum(a.islower() and b.isupper() for a, b in pairwise(text))


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
