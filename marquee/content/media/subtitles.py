"""Subtitles of any accepted format into WebVTT."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import ffmpeg

from marquee.content.media.cues import Cue, fit, read_subrip, read_webvtt, write_webvtt
from marquee.content.media.picture import command
from marquee.content.media.ttml import ttml_to_webvtt
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import EncodePlan, TextRendition, TextResult
from marquee.storage import Store
from marquee.tools.ffprobe import local
from marquee.tools.process import run

BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
WEBVTT = re.compile(r"WEBVTT(?=[ \t\n]|\Z)")
TIMEOUT_S = 1800  # a subtitle stream lies scattered over the whole film


def text_key(plan: EncodePlan, rendition: TextRendition) -> str:
    """Where a WebVTT file lies in the work store."""
    return f"{plan.hash}/text/{rendition.name}.vtt"


def convert_subtitles(
    plan: EncodePlan, rendition: TextRendition, mezzanine: Store, work: Store, scratch: Path
) -> TextResult:
    """Write `<plan>/text/<name>.vtt`: UTF-8, sorted, within the programme, no cue empty. A track may end up with none.

    Raises InvalidInput for a file that is no subtitle file, ToolFailed when an embedded stream cannot be read.
    """
    delivered = mezzanine.fetch(rendition.key)
    if rendition.stream is None:
        raw, shift_ms = delivered.read_bytes(), 0
    else:
        raw, shift_ms = _embedded(plan, rendition, delivered, scratch), -round(plan.picture.start_s * 1000)
    text, notes = decode(raw)
    header, cues = read(text, where=rendition.name)
    fitted, more = fit(cues, round(plan.duration_s * 1000), shift_ms)
    key = text_key(plan, rendition)
    work.write(key, write_webvtt(header, fitted).encode())
    return TextResult(key=key, cues=len(fitted), notes=(*notes, *more))


def decode(raw: bytes) -> tuple[str, list[str]]:
    """Text with plain line ends, by its byte order mark, else as UTF-8, else as Windows-1252 with a note."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if raw.startswith(mark)), "utf-8")
    try:
        text, notes = raw.decode(encoding), []
    except UnicodeDecodeError:
        text, notes = raw.decode("cp1252", errors="replace"), ["not UTF-8: read as Windows-1252"]
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), notes


def read(text: str, *, where: str) -> tuple[str, list[Cue]]:
    """Style blocks and cues of SubRip, WebVTT or TTML text. Raises InvalidInput for anything else."""
    if WEBVTT.match(text):
        return read_webvtt(text)
    if text.lstrip().startswith("<"):
        return read_webvtt(ttml_to_webvtt(text, where=where))
    cues = read_subrip(text)
    if not cues and text.strip():
        raise InvalidInput("not a subtitle file", where=where, expected="SubRip, WebVTT or TTML", got=repr(text[:40]))
    return "", cues


def _embedded(plan: EncodePlan, rendition: TextRendition, source: Path, scratch: Path) -> bytes:
    """An embedded text stream as SubRip, its times those of the container."""
    with TemporaryDirectory(dir=scratch) as folder:
        output = Path(folder) / "track.srt"
        opened = ffmpeg.input(local(source), f=plan.picture.demuxer, protocol_whitelist="file,pipe")
        run(command(opened[str(rendition.stream)].output(local(output), f="srt")), timeout_s=TIMEOUT_S)
        return output.read_bytes()
