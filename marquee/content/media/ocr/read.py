"""A track of subtitle pictures as text, each cue with the picture that it was read from."""

import base64
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import Field

from marquee.content.media.cues import Cue
from marquee.content.media.ocr.blocks import Block, blocks, prepared, shown
from marquee.content.media.ocr.decode import Shown, decode_pictures
from marquee.content.media.ocr.style import colour, settings
from marquee.content.media.ocr.words import confidence, webvtt
from marquee.contracts.base import Contract
from marquee.tools import tesseract

READING = 1  # what is kept of a track counts as long as this number stands: raise it when the reading changes

Progress = Callable[[float], None]


class ReadCue(Contract):
    """A cue in container milliseconds, WebVTT text and settings; `picture` is a PNG in Base64.

    `confidence` is Tesseract's in the least sure word, 0 to 100. A picture without any word is a cue without text.
    """

    start_ms: int
    end_ms: int
    text: str
    settings: str
    confidence: float = Field(ge=0, le=100)
    picture: str


class ReadTrack(Contract):
    """A stream, by its index in the film, read in a language."""

    stream: int
    language: str
    cues: tuple[ReadCue, ...]

    @property
    def least_confidence(self) -> float:
        """That of the least sure cue, 0 to 100."""
        return min((cue.confidence for cue in self.cues), default=100.0)

    def webvtt_cues(self) -> list[Cue]:
        """The cues as those of any subtitle track."""
        return [Cue(c.start_ms, c.end_ms, c.text, c.settings) for c in self.cues]


def read_track_key(sha256: str, stream: int, language: str) -> str:
    """Where the reading of a film's stream is kept: QC reads it for people to compare, encoding takes what it read."""
    return f"read/{sha256}/{stream}-{language}-{READING}.json"


def read_track(
    path: Path, demuxer: str, stream: int, codec: str, language: str, on_progress: Progress = lambda _: None
) -> ReadTrack:
    """Read all pictures of a stream. `on_progress` gets the share of them that is read.

    Raises Unavailable where Tesseract or its language pack is missing, ToolFailed when a program fails.
    """
    tesseract.require(language)  # before the film is read through
    with TemporaryDirectory() as name:
        folder = Path(name)
        found = list(_blocks(decode_pictures(path, demuxer, stream, codec, folder)))
        pictures = [_prepare(block, folder / f"block-{n}.png") for n, (_, block) in enumerate(found)]
        words = tesseract.read(pictures, language, folder, lambda begun: on_progress(begun / len(found)))
    cues = (_cue(when, block, said) for (when, block), said in zip(found, words, strict=True))
    return ReadTrack(stream=stream, language=language, cues=tuple(cues))


def _blocks(screens: Iterator[Shown]) -> Iterator[tuple[Shown, Block]]:
    for screen in screens:
        for block in blocks(screen.pixels()):
            yield screen, block


def _prepare(block: Block, path: Path) -> Path:
    prepared(block.pixels).save(path, compress_level=1)
    return path


def _cue(when: Shown, block: Block, words: list[tesseract.Word]) -> ReadCue:
    return ReadCue(
        start_ms=when.start_ms,
        end_ms=when.end_ms,
        text=webvtt(words, colour(block.pixels)),
        settings=settings(block),
        confidence=confidence(words),
        picture=_png(block),
    )


def _png(block: Block) -> str:
    written = BytesIO()
    shown(block.pixels).save(written, "PNG", optimize=True)
    return base64.b64encode(written.getvalue()).decode()
