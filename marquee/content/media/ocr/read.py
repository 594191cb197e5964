"""A track of subtitle pictures as text, each cue with the picture that it was read from."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import Field

from marquee.content.media.cues import Cue
from marquee.content.media.ocr.blocks import Block, blocks, ink, prepared, shown
from marquee.content.media.ocr.decode import Shown, decode_pictures
from marquee.content.media.ocr.slant import italic_lines
from marquee.content.media.ocr.stream import Stream, taken_out
from marquee.content.media.ocr.style import colour, settings
from marquee.content.media.ocr.words import confidence, webvtt
from marquee.contracts.base import Contract
from marquee.tools import tesseract

READING = 1  # what is kept of a track counts as long as this number stands: raise it when the reading changes

Progress = Callable[[float], None]


class ReadCue(Contract):
    """A cue in container milliseconds, WebVTT text and settings; `picture` is a PNG in Base64.

    `confidence` is Tesseract's in the least sure word, 0 to 100. A picture without any word is a cue without text.
    `forced`: it is flagged as for everybody, such as the translation of a foreign sign.
    """

    start_ms: int
    end_ms: int
    text: str
    settings: str
    confidence: float = Field(ge=0, le=100)
    picture: str
    forced: bool = False


class ReadTrack(Contract):
    """A stream, by its index in the film, read in a language."""

    stream: int
    language: str
    cues: tuple[ReadCue, ...]

    @property
    def least_confidence(self) -> float:
        """That of the least sure cue, 0 to 100."""
        return min((cue.confidence for cue in self.cues), default=100.0)

    @property
    def forced(self) -> int:
        """How many cues are forced ones among others; 0 where all or none are."""
        count = sum(cue.forced for cue in self.cues)
        return count if count < len(self.cues) else 0

    def webvtt_cues(self, kind: str = "full") -> list[Cue]:
        """The cues as those of any subtitle track; of the kind `forced` those alone, where they are among others."""
        only = kind == "forced" and self.forced > 0
        return [Cue(c.start_ms, c.end_ms, c.text, c.settings) for c in self.cues if c.forced or not only]


def read_track_key(sha256: str, stream: int, language: str) -> str:
    """Where the reading of a film's stream is kept: QC reads it for people to compare, encoding takes what it read."""
    return f"read/{sha256}/{stream}-{language}-{READING}.json"


@dataclass(frozen=True)
class Seen:
    """A block as it is kept until its words are read: the files for Tesseract and for people, not the pixels."""

    start_ms: int
    end_ms: int
    forced: bool
    settings: str
    colour: str
    italics: tuple[bool, ...]
    picture: str
    prepared: Path


def read_track(
    path: Path,
    demuxer: str,
    stream: int,
    codec: str,
    language: str,
    scratch: Path,
    on_progress: Progress = lambda _: None,
) -> ReadTrack:
    """Read all pictures of a stream. `on_progress` gets the share of them that is read.

    Raises Unavailable where Tesseract or its language pack is missing, ToolFailed when a program fails.
    """
    tesseract.require(language)  # before the film is read through
    with TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        film = Stream(path, demuxer, stream, codec)
        seen = list(_seen(decode_pictures(taken_out(film, folder), folder), folder))
        pictures = [each.prepared for each in seen]
        words = tesseract.read(pictures, language, folder, lambda begun: on_progress(begun / len(seen)))
    return ReadTrack(stream=stream, language=language, cues=tuple(map(_cue, seen, words)))


def _seen(screens: Iterator[Shown], folder: Path) -> Iterator[Seen]:
    for n, screen in enumerate(screens):
        for m, block in enumerate(blocks(screen.pixels)):
            path = folder / f"block-{n}-{m}.png"
            prepared(block.pixels).save(path, compress_level=1)
            looks = settings(block), colour(block.pixels), italic_lines(ink(block.pixels))
            yield Seen(screen.start_ms, screen.end_ms, screen.forced, *looks, _png(block), path)


def _cue(seen: Seen, words: list[tesseract.Word]) -> ReadCue:
    return ReadCue(
        start_ms=seen.start_ms,
        end_ms=seen.end_ms,
        text=webvtt(words, seen.colour, seen.italics),
        settings=seen.settings,
        confidence=confidence(words),
        picture=seen.picture,
        forced=seen.forced,
    )


def _png(block: Block) -> str:
    written = BytesIO()
    shown(block.pixels).save(written, "PNG", optimize=True)
    return base64.b64encode(written.getvalue()).decode()
