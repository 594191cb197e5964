"""Identifies subtitle files by content: SubRip, WebVTT, TTML, ASS/SSA, SAMI, SCC (CEA-608), EBU STL."""

import re
from dataclasses import dataclass

from marquee.contracts.errors import InvalidInput
from marquee.tools.text import decode

SUBRIP_CUE = re.compile(r"\s*(?:\d+[ \t]*\n)?[ \t]*(?:\d+:)?\d{1,2}:\d{1,2}[,.]\d{1,3}[ \t]*-->")
STARTS = {
    "vtt": re.compile(r"WEBVTT(?=[ \t\n]|\Z)"),  # W3C WebVTT, section 4.1
    "scc": re.compile(r"Scenarist_SCC V1\.0"),
    "ass": re.compile(r"(?:[ \t]*(?:;[^\n]*)?\n)*[ \t]*\[Script Info\]", re.IGNORECASE),
    "sami": re.compile(r"\s*<SAMI\b", re.IGNORECASE),
    "ttml": re.compile(r"\s*<"),
    "srt": SUBRIP_CUE,
}
STL_CODE = re.compile(rb"STL(?:24|25|30|50|60)\.01")  # EBU Tech 3264, section 4: the disk format code
STL_AT = 3  # bytes before it: the code page number
EXPECTED = "SubRip, WebVTT, TTML, ASS, SSA, SAMI, SCC or EBU STL"


@dataclass(frozen=True)
class SubtitleFile:
    """A subtitle file whose bytes are read as text; EBU STL, which is none, has its bytes alone.

    `guessed` when its encoding was found by its letters.
    """

    format: str
    raw: bytes
    text: str
    encoding: str
    guessed: bool


def open_subtitles(raw: bytes, *, encoding: str = "", language: str = "") -> SubtitleFile:
    """The file with its format and text; `encoding` and `language` as the sidecar has them.

    Raises InvalidInput for what is none of the formats, or does not hold in its encoding.
    """
    if STL_CODE.match(raw, STL_AT):
        return SubtitleFile("stl", raw, "", "", guessed=False)
    found = decode(raw, encoding=encoding, language=language)
    for name, start in STARTS.items():
        if start.match(found.text):
            return SubtitleFile(name, raw, found.text, found.encoding, found.guessed)
    raise InvalidInput("not a subtitle file", expected=EXPECTED, got=repr(found.text[:40]))
