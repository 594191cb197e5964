"""Words as Tesseract reads them, put right and written as WebVTT.

Put right is only what was seen on real pictures, where context leaves no doubt: an upright stroke, or a small l with
nothing beside it, is a capital I.
"""

import html
import re
from collections.abc import Sequence
from itertools import groupby

from marquee.tools.tesseract import Word

ALONE = re.compile(r"(?<![\w'’])l(?![\w'’])")
TAG = re.compile(r"<(/?)\s?[iIl|]\s?>")  # italics that were drawn as written: `<i>`, as Tesseract may read it
ESCAPED = re.compile(r"&lt;(/?i)&gt;")


def webvtt(words: Sequence[Word], colour: str = "", italics: Sequence[bool] = ()) -> str:
    """The text of a cue, a line for each line, markup escaped; `italics` says of each line whether it is slanted.

    Italics are kept also where both of their tags are written in the picture.
    """
    lines = [" ".join(word.text for word in line) for _, line in groupby(words, key=lambda word: word.line)]
    text = _tagged(html.escape(put_right("\n".join(lines)), quote=False))
    if "<i>" not in text:
        text = _slanted(text.split("\n"), italics)
    return f"<c.{colour}>{text}</c>" if colour and text else text


def _slanted(lines: Sequence[str], italics: Sequence[bool]) -> str:
    """Lines with their italics; where other lines were seen than read, only what holds for all of them."""
    each = italics if len(italics) == len(lines) else [bool(italics) and all(italics)] * len(lines)
    return "\n".join(f"<i>{line}</i>" if slanted and line else line for line, slanted in zip(lines, each, strict=True))


def put_right(text: str) -> str:
    """Common confusions, by their context."""
    tagged = TAG.sub(r"<\1i>", text)
    return ALONE.sub("I", tagged.replace("|", "I"))


def _tagged(text: str) -> str:
    """Escaped tags as tags where each is closed before the next, else none."""
    tags = "".join(match[1] for match in ESCAPED.finditer(text))
    if tags != "i/i" * (len(tags) // 3):
        return ESCAPED.sub("", text).strip()
    return re.sub(r"(<i>) +| +(</i>)", r"\1\2", ESCAPED.sub(r"<\1>", text))


def confidence(words: Sequence[Word]) -> float:
    """How sure Tesseract is of a cue, 0 to 100: by its least sure word, as one wrong word is a wrong cue."""
    return min((word.confidence for word in words), default=0.0)
