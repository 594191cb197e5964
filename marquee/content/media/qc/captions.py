"""A caption track's measures: past the end, overlapping, too fast, empty, undecodable."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from marquee.content.media.cues import Cue
from marquee.content.media.subtitles import read
from marquee.contracts.errors import InvalidInput, ToolFailed
from marquee.contracts.qc import Measures

SAMPLE_LINES, SAMPLE_LENGTH = 3, 200
MARKUP = re.compile(r"<[^>]*>|\{\\[^}]*\}")


@dataclass(frozen=True)
class CaptionFile:
    """A delivered subtitle file, with what the sidecar says of it."""

    content: bytes
    language: str = ""
    encoding: str = ""


def captions(name: str, delivered: CaptionFile, end_s: float) -> Measures:
    """One row for a delivered subtitle file; `end_s` is where the programme ends, in seconds."""
    try:
        track = read(delivered.content, where=name, encoding=delivered.encoding, language=delivered.language)
    except (InvalidInput, ToolFailed) as error:
        return {"name": name, "undecodable": 1, "undecodable_because": error.what, "cues": 0}
    file = track.file
    guess: Measures = {"guessed": int(file.guessed), "encoding": file.encoding, "sample": _sample(track.cues)}
    return {"name": name, "undecodable": 0, **guess, **measures(track.cues, end_s)}


def _sample(cues: Sequence[Cue]) -> str:
    """The first lines that hold letters beyond ASCII, by which a person sees whether the encoding is right."""
    lines = [plain(cue) for cue in cues]
    telling = [line for line in lines if not line.isascii()] or lines
    return " / ".join(telling[:SAMPLE_LINES])[:SAMPLE_LENGTH]


def measures(cues: Sequence[Cue], end_s: float) -> Measures:
    """What cues say of themselves. Times in seconds; reading speed in characters a second."""
    ordered = sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))
    overlapping = [b for a, b in pairwise(ordered) if b.start_ms < a.end_ms]
    return {
        "cues": len(ordered),
        "past_end_s": max((max(0.0, cue.end_ms / 1000 - end_s) for cue in ordered), default=0.0),
        "overlaps": len(overlapping),
        "overlap_s": _first(overlapping, lambda _: True),
        "empty": sum(not plain(cue) for cue in ordered),
        "empty_s": _first(ordered, lambda cue: not plain(cue)),
        "characters_per_s": max(map(reading_speed, ordered), default=0.0),
        "fastest_s": max(ordered, key=reading_speed).start_ms / 1000 if ordered else None,
    }


def plain(cue: Cue) -> str:
    """The text a viewer reads, without markup and line breaks."""
    return " ".join(html.unescape(MARKUP.sub("", cue.text)).split())


def reading_speed(cue: Cue) -> float:
    """Characters a second; a cue shown for no time at all counts as a millisecond."""
    return 1000 * len(plain(cue)) / max(cue.end_ms - cue.start_ms, 1)


def _first(cues: Sequence[Cue], holds: Callable[[Cue], bool]) -> float | None:
    return next((cue.start_ms / 1000 for cue in cues if holds(cue)), None)
