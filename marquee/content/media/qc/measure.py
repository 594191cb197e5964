"""Measure a file: one decode of the picture and one of each audio track."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from marquee.content.media.qc import commands
from marquee.content.media.qc.decode import Errors, Progress, decode
from marquee.content.media.qc.picture import PictureScan
from marquee.content.media.qc.sound import SoundScan
from marquee.contracts.media import MediaInfo
from marquee.contracts.qc import Measures, QcInterval

SOUND_WORK = 0.05  # decoding a track, compared with decoding the picture


@dataclass(frozen=True)
class Measured:
    """The tables (one row for the picture, one per audio track), what was seen when, and the first track's curve.

    `end_s` is where the programme ends, as decoded.
    """

    end_s: float
    picture: Measures
    audio: Sequence[Measures]
    intervals: Sequence[QcInterval]
    loudness_curve: tuple[tuple[float, float], ...]


def measure(path: Path, info: MediaInfo, on_progress: Progress) -> Measured:
    """Measure a local file. `on_progress` gets the share of the work done, from 0 to 1.

    A file that cannot be decoded is measured as such. Raises ToolFailed when ffmpeg fails for another reason.
    """
    whole = 1 + SOUND_WORK * len(info.audio)
    picture, length_s = PictureScan(info), info.duration_s
    errors = decode(commands.picture_scan(path, info), picture, length_s, _part(on_progress, 0, 1 / whole))
    sounds = [SoundScan(info, track) for track in info.audio]
    rows: list[Measures] = []
    for n, sound in enumerate(sounds):
        part = _part(on_progress, (1 + SOUND_WORK * n) / whole, SOUND_WORK / whole)
        heard = decode(commands.sound_scan(path, info, sound.track), sound, length_s, part)
        rate: Measures = {"decode_errors_per_s": heard.count / max(sound.track.duration_s, 1.0)}
        rows.append(sound.measures(picture.end_s) | heard.measures() | rate)
    end_s = max([picture.end_s, *(sound.end_s for sound in sounds)]) - picture.zero_s
    on_progress(1.0)
    return Measured(
        end_s=end_s,
        picture=_picture_row(picture, errors, end_s),
        audio=rows,
        intervals=_intervals(picture, sounds),
        loudness_curve=sounds[0].curve() if sounds else (),
    )


def _part(on_progress: Progress, start: float, length: float) -> Progress:
    """The progress of a part of the work as that of the whole."""
    return lambda share: on_progress(start + length * share)


def _picture_row(scan: PictureScan, errors: Errors, end_s: float) -> Measures:
    """The picture's measures, with its errors and with the programme's end as it was decoded.

    Subtitles may lengthen the file beyond its picture and sound; then its declared length is no measure.
    """
    info = scan.info
    length_s = end_s + scan.zero_s - _declared_from_s(info)
    early_s = max(0.0, info.duration_s - length_s) if not info.text else None
    ends: Measures = {
        "decode_errors_per_100_frames": 100 * errors.count / max(len(scan.times), 1),
        "end_s": end_s,
        "early_end_s": early_s,
        "early_end_share": early_s / info.duration_s if early_s and info.duration_s else None,
    }
    return scan.measures() | errors.measures() | ends


def _declared_from_s(info: MediaInfo) -> float:
    """The time from which the declared length counts: in Matroska that of the clock, elsewhere the first stream's.

    The picture may start later than that, beside sound that is there already.
    """
    if info.demuxer.startswith("matroska"):
        return 0.0
    return min([info.picture.start_s, *(track.start_s for track in info.audio)])


def _intervals(picture: PictureScan, sounds: Sequence[SoundScan]) -> list[QcInterval]:
    """What was seen and not heard, in programme seconds."""
    seen = [("", check, stretch) for check, stretches in picture.stretches().items() for stretch in stretches]
    unheard = [(f"audio{n}", "silence", stretch) for n, sound in enumerate(sounds) for stretch in sound.stretches()]
    zero_s = picture.zero_s
    return [
        QcInterval(
            check=check, track=track, start_s=round(max(0.0, start - zero_s), 3), end_s=round(max(0.0, end - zero_s), 3)
        )
        for track, check, (start, end) in seen + unheard
    ]
