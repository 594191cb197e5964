"""QC of one file: measure, hold against a profile, report."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from marquee.content.media.qc.captions import CaptionFile, captions
from marquee.content.media.qc.decode import Progress
from marquee.content.media.qc.expectations import violations
from marquee.content.media.qc.findings import findings, track_name
from marquee.content.media.qc.measure import Heard, Measured, measure
from marquee.content.media.qc.profile import DEFAULT
from marquee.content.media.qc.profile import profile as profile_named
from marquee.contracts.media import MediaInfo
from marquee.contracts.plan import HDR_TRANSFERS
from marquee.contracts.qc import Measures, QcInterval, QcReport

DIGITS = 4


def check(
    path: Path,
    info: MediaInfo,
    profile: str = DEFAULT,
    *,
    subtitles: Mapping[str, CaptionFile] | None = None,
    silent: bool = False,
    on_progress: Progress | None = None,
) -> QcReport:
    """Quality control of a local file, in one decode of the picture and one of each audio track: `measure`, `judge`.

    `on_progress` gets the share of the work done, from 0 to 1.

    Raises NotFound for an unknown profile, ToolFailed when ffmpeg fails for a reason that is not the file's.
    """
    profile_named(profile)
    measured = measure(path, info, on_progress or (lambda _: None))
    return judge(info, measured, profile, subtitles=subtitles, silent=silent)


def judge(
    info: MediaInfo,
    measured: Measured,
    profile: str,
    *,
    subtitles: Mapping[str, CaptionFile] | None = None,
    silent: bool = False,
    replaced: Collection[int] = (),
    sounds: Sequence[Heard] = (),
    pictures: Sequence[Measures] = (),
) -> QcReport:
    """Hold what was measured of a film against a profile.

    `subtitles` are the delivered subtitle files by name; `silent` says that the film has no sound on purpose. Sound
    files follow the film's tracks in the report's numbers; tracks that they have `replaced` have a number and nothing
    else. `pictures` are the rows of subtitle pictures that were to be read. Raises NotFound for an unknown profile.
    """
    rules = profile_named(profile)
    quiet = silent or bool(sounds)
    texts = [captions(name, file, measured.end_s) for name, file in (subtitles or {}).items()]
    own = [{} if n in replaced else _rounded(row) for n, row in enumerate(measured.audio)]
    read = {int(row["stream"] or 0) for row in pictures if row["cues"]}
    lacks = lacking(info, subtitles=bool(subtitles), silent=quiet, read=read)
    tables: dict[str, Sequence[Measures]] = {
        "picture": [_rounded(measured.picture | lacks)],
        "audio": [*own, *(_rounded(each.row) for each in sounds)],
        "captions": [_rounded(each.row) for each in texts],
        "pictures": [_rounded(row) for row in pictures],
    }
    gone = {track_name("audio", n) for n in replaced}
    intervals = [each for each in measured.intervals if each.track not in gone]
    intervals += _of_sound_files(sounds, first=len(own))
    intervals += [each for n, read in enumerate(texts) for each in read.intervals(track_name("captions", n))]
    curves = measured.curves if own and 0 not in replaced else next((each.curves for each in sounds), None)
    return QcReport(
        mezzanine_sha256=info.sha256,
        profile=profile,
        duration_s=max(info.duration_s, measured.end_s),
        measured=flat(tables),
        intervals=tuple(intervals),
        loudness_curve=curves.momentary if curves else (),
        short_term_curve=curves.short_term if curves else (),
        waveform=curves.waveform if curves else (),
        findings=findings(violations(tables, rules), tables, intervals),
    )


def judge_captions(files: Mapping[str, CaptionFile], end_s: float, profile: str) -> QcReport:
    """Hold subtitle files alone against a profile; `end_s` is where the programme ends. Raises NotFound."""
    texts = [captions(name, file, end_s) for name, file in files.items()]
    tables: dict[str, Sequence[Measures]] = {"captions": [_rounded(each.row) for each in texts]}
    intervals = [each for n, read in enumerate(texts) for each in read.intervals(track_name("captions", n))]
    return QcReport(
        mezzanine_sha256="",
        profile=profile,
        duration_s=end_s,
        measured=flat(tables),
        intervals=tuple(intervals),
        findings=findings(violations(tables, profile_named(profile)), tables, intervals),
    )


def _of_sound_files(sounds: Sequence[Heard], first: int) -> list[QcInterval]:
    """What was heard in sound files, whose numbers begin at `first`."""
    return [
        each.model_copy(update={"track": track_name("audio", n)})
        for n, heard in enumerate(sounds, start=first)
        for each in heard.intervals
    ]


def lacking(info: MediaInfo, *, subtitles: bool, silent: bool, read: Collection[int] = ()) -> Measures:
    """What a viewer will miss: sound, and subtitles that are pictures and were not read.

    `left_out` names them by stream, codec and language; `read` are the indexes of those that were.
    """
    pictures = [stream for stream in info.text if stream.bitmap and stream.index not in read]
    named = ", ".join(f"stream {s.index} ({s.codec}, {s.language or 'no language'})" for s in pictures)
    text = subtitles or info.picture.closed_captions or len(pictures) < len(info.text)
    return {
        "no_sound": int(not info.audio and not silent),
        "picture_subtitles": len(pictures),
        "only_picture_subtitles": 0 if text else len(pictures),
        "left_out": named,
        **_beside_the_base(info),
    }


def _beside_the_base(info: MediaInfo) -> Measures:
    """Dolby Vision's profile, whose metadata is left out, and the `base` layer that is kept."""
    record = info.picture.dolby_vision
    return {"dolby_vision": record.profile, "base": HDR_TRANSFERS.get(info.picture.transfer, "SDR")} if record else {}


def flat(tables: Mapping[str, Sequence[Measures]]) -> Measures:
    """All rows as one: the picture's columns as they are, the others with their track's prefix."""
    return {
        f"{prefix}_{column}" if (prefix := track_name(table, n)) else column: value
        for table, rows in tables.items()
        for n, row in enumerate(rows)
        for column, value in row.items()
    }


def _rounded(row: Measures) -> Measures:
    return {column: round(value, DIGITS) if isinstance(value, float) else value for column, value in row.items()}
