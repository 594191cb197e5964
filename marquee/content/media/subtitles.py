"""Converts subtitles of any accepted format into WebVTT."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import ffmpeg

from marquee.content.media import cea708, closed_captions, ocr
from marquee.content.media.cues import Cue, fit, read_subrip, read_webvtt, write_webvtt
from marquee.content.media.encode import time_limit
from marquee.content.media.picture import command
from marquee.content.media.timed_text import scc_to_webvtt, stl_to_webvtt, ttml_to_webvtt
from marquee.contracts.media import BITMAP_CODECS
from marquee.contracts.plan import EncodePlan, TextRendition, TextResult
from marquee.storage import Store
from marquee.tools.closed_captions import caption_frames, service_blocks
from marquee.tools.ffprobe import local
from marquee.tools.process import run
from marquee.tools.subtitle_file import SubtitleFile, open_subtitles

TIMEOUT_S = 1800  # a subtitle stream lies scattered over the whole film
CONVERT_S = 60
COPIED = {"subrip": "srt", "ass": "ass", "ssa": "ass", "webvtt": "webvtt"}  # codec: the file format of its text


def text_key(plan: EncodePlan, rendition: TextRendition) -> str:
    """Where a WebVTT file lies in the work store."""
    return f"{plan.hash}/text/{rendition.name}.vtt"


def convert_subtitles(
    plan: EncodePlan, rendition: TextRendition, mezzanine: Store, work: Store, scratch: Path
) -> TextResult:
    """Write `<plan>/text/<name>.vtt`: UTF-8, sorted, within the programme, no cue empty. A track may end up with none.

    Raises InvalidInput for a file that is no subtitle file, ToolFailed when an embedded stream cannot be read.
    """
    header, cues, notes = _cues(plan, rendition, mezzanine.fetch(rendition.key), work, scratch)
    shift_ms = 0 if rendition.stream is None else -round(plan.picture.start_s * 1000)
    fitted, more = fit(cues, round(plan.duration_s * 1000), shift_ms)
    key = text_key(plan, rendition)
    work.write(key, write_webvtt(header, fitted).encode())
    return TextResult(key=key, cues=len(fitted), notes=(*notes, *more))


def _cues(
    plan: EncodePlan, rendition: TextRendition, delivered: Path, work: Store, scratch: Path
) -> tuple[str, list[Cue], tuple[str, ...]]:
    """Style blocks, cues in the file's own time, and notes of a track of any sort."""
    if rendition.codec in BITMAP_CODECS:
        return "", _read_pictures(plan, rendition, delivered, work, scratch), ()
    if rendition.codec == closed_captions.CODEC:
        demuxer, stream, limit_s = plan.picture.demuxer, plan.picture.stream, time_limit(plan.picture.frames)
        return "", closed_captions.closed_captions(delivered, demuxer, stream, scratch, limit_s), ()
    if rendition.codec == cea708.CODEC:
        return "", _caption_service(plan, rendition, delivered, scratch), ()
    embedded = rendition.stream is not None
    raw = _embedded(plan, rendition, delivered, scratch) if embedded else delivered.read_bytes()
    track = read(raw, where=rendition.name, encoding=rendition.encoding, language=rendition.language)
    return track.header, track.cues, track.notes


def _caption_service(plan: EncodePlan, rendition: TextRendition, source: Path, scratch: Path) -> list[Cue]:
    limit_s = time_limit(plan.picture.frames)
    frames = caption_frames(source, plan.picture.demuxer, plan.picture.stream, scratch, limit_s)
    return cea708.cues(service_blocks(frames), rendition.service, frames[-1].at_s) if frames else []


def _read_pictures(plan: EncodePlan, rendition: TextRendition, source: Path, work: Store, scratch: Path) -> list[Cue]:
    """What QC has read and a person has seen; read anew only where that is gone."""
    stream = rendition.stream or 0
    key = ocr.read_track_key(plan.mezzanine_sha256, stream, rendition.language)
    if not work.exists(key):
        track = ocr.read_track(source, plan.picture.demuxer, stream, rendition.codec, rendition.language, scratch)
        work.write(key, track.model_dump_json().encode())
    return ocr.ReadTrack.model_validate_json(work.read(key)).webvtt_cues(rendition.kind)


@dataclass(frozen=True)
class Track:
    """A subtitle track as read: style blocks of WebVTT, cues, the file it came from, notes on what is not kept."""

    header: str
    cues: list[Cue]
    file: SubtitleFile
    notes: tuple[str, ...] = ()


def read(raw: bytes, *, where: str, encoding: str = "", language: str = "") -> Track:
    """The cues of a subtitle file of any format; an empty one has none. Raises InvalidInput for anything else."""
    if not raw.strip():
        return Track("", [], SubtitleFile("srt", raw, "", "utf-8", guessed=False))
    file = open_subtitles(raw, encoding=encoding, language=language)
    header, cues = _READERS[file.format](file, where)
    notes = [NOT_KEPT[file.format]] if file.format in NOT_KEPT else []
    if file.guessed:
        notes.append(f"the file says no encoding: read as {file.encoding}")
    return Track(header, cues, file, tuple(notes))


def _by_ffmpeg(file: SubtitleFile, _: str) -> tuple[str, list[Cue]]:
    with TemporaryDirectory() as folder:
        source, output = Path(folder) / "track", Path(folder) / "track.srt"
        source.write_text(file.text, encoding="utf-8")
        opened = ffmpeg.input(local(source), f=file.format, protocol_whitelist="file,pipe")
        run(command(opened.output(local(output), f="srt")), timeout_s=CONVERT_S)
        return "", read_subrip(output.read_text(encoding="utf-8"))


_READERS: dict[str, Callable[[SubtitleFile, str], tuple[str, list[Cue]]]] = {
    "vtt": lambda file, _: read_webvtt(file.text),
    "srt": lambda file, _: ("", read_subrip(file.text)),
    "ttml": lambda file, where: read_webvtt(ttml_to_webvtt(file.text, where=where)),
    "scc": lambda file, where: read_webvtt(scc_to_webvtt(file.text, where=where)),
    "stl": lambda file, where: read_webvtt(stl_to_webvtt(file.raw, where=where)),
    "ass": _by_ffmpeg,
    "sami": _by_ffmpeg,
}
NOT_KEPT = {
    "ass": "of ASS styling only italics, bold and underline are kept: no fonts, colours, positions or karaoke",
    "sami": "of SAMI styling only italics, bold and underline are kept; languages of one file are not told apart",
    "scc": "of CEA-608 captions the place on the screen is kept as far as WebVTT has it; roll-up becomes whole lines",
    "stl": "of EBU STL the place on the screen and colours are kept as far as WebVTT has them; boxes are not",
}


def _embedded(plan: EncodePlan, rendition: TextRendition, source: Path, scratch: Path) -> bytes:
    """An embedded text stream as a file, its times those of the container.

    Taken out as it is where there is a file format for it: ffmpeg decodes UTF-8 only, and drops what is not.
    """
    form = COPIED.get(rendition.codec)
    options = {"f": form, "c": "copy"} if form else {"f": "srt"}
    with TemporaryDirectory(dir=scratch) as folder:
        output = Path(folder) / "track"
        opened = ffmpeg.input(local(source), f=plan.picture.demuxer, protocol_whitelist="file,pipe")
        run(command(opened[str(rendition.stream)].output(local(output), **options)), timeout_s=TIMEOUT_S)
        return output.read_bytes()
