"""A caption track's measures: past the end, overlapping, too fast, empty, undecodable."""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from marquee.content.media.cues import Cue
from marquee.content.media.qc.filter_output import Stretch
from marquee.content.media.qc.language import contradicts, written_in
from marquee.content.media.subtitles import read
from marquee.contracts.errors import InvalidInput, ToolFailed
from marquee.contracts.qc import Measures, QcInterval

SAMPLE_LINES, SAMPLE_LENGTH = 3, 200
QUICK = 15.0  # characters a second
MARKUP = re.compile(r"<[^>]*>|\{\\[^}]*\}")


@dataclass(frozen=True)
class CaptionFile:
    """A delivered subtitle file, with what the sidecar says of it."""

    content: bytes
    language: str = ""
    encoding: str = ""


@dataclass(frozen=True)
class Read:
    """A subtitle file's row, and where its cues break a rule, by check, in programme seconds."""

    row: Measures
    stretches: Mapping[str, Sequence[Stretch]] = field(default_factory=dict)
    quick: Sequence[tuple[Stretch, float]] = ()  # with characters a second

    def intervals(self, track: str) -> list[QcInterval]:
        found: list[tuple[str, Stretch, float | None]]
        found = [(check, each, None) for check, stretches in self.stretches.items() for each in stretches]
        found += [("quick", each, speed) for each, speed in self.quick]
        return [
            QcInterval(check=check, track=track, start_s=start_s, end_s=end_s, value=value)
            for check, (start_s, end_s), value in found
        ]


def captions(name: str, delivered: CaptionFile, end_s: float) -> Read:
    """A delivered subtitle file; `end_s` is where the programme ends, in seconds."""
    try:
        track = read(delivered.content, where=name, encoding=delivered.encoding, language=delivered.language)
    except (InvalidInput, ToolFailed) as error:
        return Read({"name": name, "undecodable": 1, "undecodable_because": error.what, "cues": 0})
    file = track.file
    guess: Measures = {"guessed": int(file.guessed), "encoding": file.encoding, "sample": _sample(track.cues)}
    found = stretches(track.cues, end_s)
    row = {"name": name, "undecodable": 0, **guess, **measures(track.cues, end_s, found)}
    return Read(row | _language(track.cues, delivered.language), found, _quick(track.cues))


def _language(cues: Sequence[Cue], declared: str) -> Measures:
    found = written_in([plain(cue) for cue in cues])
    wrong = found is not None and contradicts(declared, found)
    return {"language": declared, "written_in": found, "language_differs": int(wrong)}


def _sample(cues: Sequence[Cue]) -> str:
    """The first lines that hold letters beyond ASCII, by which a person sees whether the encoding is right."""
    lines = [plain(cue) for cue in cues]
    telling = [line for line in lines if not line.isascii()] or lines
    return " / ".join(telling[:SAMPLE_LINES])[:SAMPLE_LENGTH]


def stretches(cues: Sequence[Cue], end_s: float) -> dict[str, list[Stretch]]:
    """Where cues overlap, are past the end or empty, in seconds."""
    ordered = _ordered(cues)

    def where(holds: Callable[[Cue], bool]) -> list[Stretch]:
        return [(cue.start_s, cue.end_s) for cue in ordered if holds(cue)]

    return {
        "overlap": [(b.start_s, min(a.end_s, b.end_s)) for a, b in pairwise(ordered) if b.start_ms < a.end_ms],
        "past_end": where(lambda cue: cue.end_s > end_s),
        "empty": where(lambda cue: not plain(cue)),
    }


def measures(cues: Sequence[Cue], end_s: float, found: Mapping[str, Sequence[Stretch]]) -> Measures:
    """What cues say of themselves. Times in seconds; reading speed in characters a second."""
    ordered = _ordered(cues)
    return {
        "cues": len(ordered),
        "past_end_s": max((max(0.0, cue.end_s - end_s) for cue in ordered), default=0.0),
        "overlaps": len(found["overlap"]),
        "empty": len(found["empty"]),
        "characters_per_s": max(map(reading_speed, ordered), default=0.0),
        "fastest_s": max(ordered, key=reading_speed).start_s if ordered else None,
    }


def _quick(cues: Sequence[Cue]) -> list[tuple[Stretch, float]]:
    """The cues that any profile may find too quick to read, with their speed."""
    speeds = [(cue, reading_speed(cue)) for cue in _ordered(cues)]
    return [((cue.start_s, cue.end_s), round(speed, 1)) for cue, speed in speeds if speed > QUICK]


def _ordered(cues: Sequence[Cue]) -> list[Cue]:
    return sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))


def plain(cue: Cue) -> str:
    """The text a viewer reads, without markup and line breaks."""
    return " ".join(html.unescape(MARKUP.sub("", cue.text)).split())


def reading_speed(cue: Cue) -> float:
    """Characters a second; a cue shown for no time at all counts as a millisecond."""
    return 1000 * len(plain(cue)) / max(cue.end_ms - cue.start_ms, 1)
