"""Cues: reading SubRip and WebVTT, fitting cues to the programme, writing WebVTT.

SubRip has no standard and many writers, so it is read leniently here: numbers may be missing, fractions may follow a
point, blank lines may be missing. ttconv's reader stops at such files.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from marquee.content.media.colours import named_class

TIME = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
TIMING = re.compile(rf"^[ \t]*{TIME}[ \t]*-->[ \t]*{TIME}[ \t]*(.*)$", re.MULTILINE)
NUMBER_AT_END = re.compile(r"(?:^|\n)[ \t]*\d+[ \t]*\n*\Z")
OVERRIDES = re.compile(r"\{\\[^}]*\}")  # Advanced SubStation codes that stray into SubRip
ALIGNMENT = re.compile(r"\{[^}]*\\an([1-9])[^}]*\}")  # the place on a number pad: 2 is below in the middle, 8 above
ESCAPED_MARKUP = re.compile(r"&lt;(/?)([ibuc]|c\.[a-z]+)&gt;", re.IGNORECASE)
FONT = re.compile(r"<(/?)font([^>]*)>", re.IGNORECASE)
COLOUR = re.compile(r"""\bcolor\s*=\s*["']?([^\s"'>]+)""", re.IGNORECASE)
AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|nbsp|lrm|rlm|#\d+|#x[0-9a-fA-F]+);)")


@dataclass(frozen=True)
class Cue:
    """One cue: milliseconds from the programme's start, WebVTT settings, WebVTT text."""

    start_ms: int
    end_ms: int
    text: str
    settings: str = ""

    @property
    def start_s(self) -> float:
        return self.start_ms / 1000

    @property
    def end_s(self) -> float:
        return self.end_ms / 1000


def read_subrip(text: str) -> list[Cue]:
    """The cues of a SubRip file, its own settings left out.

    Italic, bold, underline, colours that WebVTT has a class for and the place on the screen stay; other markup goes,
    the rest is escaped.
    """
    return [replace(cue, text=_from_subrip(cue.text), settings=_place(cue.text)) for cue in _cues(text)]


def _place(text: str) -> str:
    """WebVTT settings of a cue's alignment code; none for one below in the middle."""
    found = ALIGNMENT.search(text)
    row, column = divmod(int(found[1]) - 1, 3) if found else (0, 1)
    return " ".join(filter(None, (("", "line:50%", "line:0")[row], ("align:left", "", "align:right")[column])))


def read_webvtt(text: str) -> tuple[str, list[Cue]]:
    """The style and region blocks of a WebVTT file, and its cues with their settings. Notes are left out."""
    blocks = [block.strip("\n") for block in re.split(r"\n{2,}", text)[1:]]
    header = [block for block in blocks if block.startswith(("STYLE", "REGION"))]
    cues = [cue for block in blocks if not block.startswith("NOTE") for cue in _cues(block)]
    return "\n\n".join(header), [replace(cue, text=AMPERSAND.sub("&amp;", cue.text)) for cue in cues]


def _cues(text: str) -> Iterator[Cue]:
    timings = list(TIMING.finditer(text))
    for timing, following in zip_longest(timings, timings[1:]):
        body = text[timing.end() : following.start() if following else len(text)].strip("\n")
        if following:
            body = NUMBER_AT_END.sub("", body)
        values = timing.groups()
        yield Cue(_milliseconds(values[:4]), _milliseconds(values[4:8]), body.strip(), (values[8] or "").strip())


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _from_subrip(text: str) -> str:
    plain = _coloured(OVERRIDES.sub("", text))
    escaped = AMPERSAND.sub("&amp;", plain).replace("<", "&lt;").replace(">", "&gt;")
    marked = ESCAPED_MARKUP.sub(lambda m: f"<{m[1]}{m[2].lower()}>", escaped)
    return "\n".join(line.strip() for line in marked.split("\n") if line.strip())


def _coloured(text: str) -> str:
    """Font tags as WebVTT's colour classes, each closed; fonts of no such colour leave nothing behind."""
    open_fonts: list[str] = []

    def tag(found: re.Match[str]) -> str:
        if found[1]:
            return "</c>" if open_fonts and open_fonts.pop() else ""
        said = COLOUR.search(found[2])
        open_fonts.append(named_class(said[1]) if said else "")
        return f"<c.{open_fonts[-1]}>" if open_fonts[-1] else ""

    return FONT.sub(tag, text) + "</c>" * sum(map(bool, open_fonts))


def fit(cues: Iterable[Cue], duration_ms: int, shift_ms: int = 0) -> tuple[list[Cue], list[str]]:
    """Sorted cues within the programme, none empty, each with a length; notes on what was clipped or dropped."""
    kept: list[Cue] = []
    dropped = clipped = 0
    for cue in cues:
        start, end = cue.start_ms + shift_ms, cue.end_ms + shift_ms
        inside = replace(cue, start_ms=max(0, start), end_ms=min(end, duration_ms))
        if inside.start_ms >= inside.end_ms or not cue.text:
            dropped += 1
            continue
        clipped += (inside.start_ms, inside.end_ms) != (start, end)
        kept.append(inside)
    notes = [f"{dropped} cues dropped: outside the programme, without length or empty"] if dropped else []
    notes += [f"{clipped} cues clipped to the programme"] if clipped else []
    return sorted(kept, key=lambda c: (c.start_ms, c.end_ms)), notes


def write_webvtt(header: str, cues: Iterable[Cue]) -> str:
    """A WebVTT file of the blocks and cues (W3C WebVTT § 4.1)."""
    lines = [f"{_clock(c.start_ms)} --> {_clock(c.end_ms)} {c.settings}".rstrip() + f"\n{c.text}\n" for c in cues]
    return "\n".join(["WEBVTT\n", *([f"{header}\n"] if header else []), *lines])


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"
