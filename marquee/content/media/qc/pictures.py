"""Subtitles read from pictures, for a person's judgement: a row of measures, and each picture beside its words."""

from collections.abc import Sequence
from dataclasses import dataclass

from marquee.content.media.cues import Cue, write_webvtt
from marquee.content.media.ocr import ReadCue, ReadTrack
from marquee.content.media.qc.captions import plain
from marquee.content.media.qc.timeline import timecode
from marquee.contracts.errors import MarqueeError
from marquee.contracts.qc import Measures

MOST_SHOWN = 2000  # cues of a track on the page, the least sure ones
UNSURE = 60  # per cent: Tesseract's confidence below which a cue is marked


@dataclass(frozen=True)
class Line:
    """A cue as the page shows it: its time, picture as a data URL, words and how sure they are."""

    time: str
    at: float
    picture: str
    words: str
    confidence: int
    unsure: bool


@dataclass(frozen=True)
class Reading:
    """A track as the page shows it, least sure cues first; `text` is the WebVTT file that a person can correct."""

    label: str
    name: str
    lines: tuple[Line, ...]
    text: str


def pictures_row(track: ReadTrack, *, start_s: float, trusted: bool) -> Measures:
    """One row for a track that was read; nobody is asked to check a `trusted` one. `start_s` is the programme's."""
    silent = [cue for cue in track.cues if not cue.text]
    return {
        "stream": track.stream,
        "language": track.language,
        "cues": len(track.cues),
        "forced": track.forced,
        "confidence": track.least_confidence,
        "unchecked": 0 if trusted else len(track.cues),
        "without_words": len(silent),
        "without_words_s": silent[0].start_ms / 1000 - start_s if silent else None,
        "unread": 0,
    }


def unread_row(stream: int, language: str, error: MarqueeError) -> Measures:
    """One row for a track that could not be read."""
    because = f"{error.what} ({error.expected})" if error.expected else error.what
    return {"stream": stream, "language": language, "cues": 0, "unread": 1, "unread_because": because}


def reading(track: ReadTrack, start_s: float) -> Reading:
    """A track for the page; `start_s` is the programme's start in container time."""
    least_sure = sorted(track.cues, key=lambda cue: (cue.confidence, cue.start_ms))[:MOST_SHOWN]
    return Reading(
        label=f"stream {track.stream} ({track.language}), {len(track.cues)} captions",
        name=f"read-{track.stream}.{track.language}.vtt",
        lines=tuple(_line(cue, start_s) for cue in least_sure),
        text=write_webvtt("", _from_start(track.webvtt_cues(), start_s)),
    )


def _line(cue: ReadCue, start_s: float) -> Line:
    at = max(0.0, cue.start_ms / 1000 - start_s)
    words = plain(Cue(cue.start_ms, cue.end_ms, cue.text))
    picture = f"data:image/png;base64,{cue.picture}"
    return Line(timecode(at), at, picture, words, round(cue.confidence), cue.confidence < UNSURE)


def _from_start(cues: Sequence[Cue], start_s: float) -> list[Cue]:
    shift = round(start_s * 1000)
    return [Cue(max(0, c.start_ms - shift), max(0, c.end_ms - shift), c.text, c.settings) for c in cues if c.text]
