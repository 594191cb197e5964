"""Measure a file: one decode of the picture and one of each audio track."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from marquee.content.media.qc import commands
from marquee.content.media.qc.declared import declared_end_s, picture_packets
from marquee.content.media.qc.decode import Errors, Progress, decode, time_limit_s
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
    length_s = info.duration_s
    picture = PictureScan(info, picture_packets(path, info, time_limit_s(length_s)))
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
        picture=_picture_row(picture, errors, end_s, declared_end_s(path, info)),
        audio=rows,
        intervals=_intervals(picture, sounds),
        loudness_curve=sounds[0].curve() if sounds else (),
    )


def _part(on_progress: Progress, start: float, length: float) -> Progress:
    """The progress of a part of the work as that of the whole."""
    return lambda share: on_progress(start + length * share)


def _picture_row(scan: PictureScan, errors: Errors, end_s: float, declared_s: float | None) -> Measures:
    """The picture's measures, with its errors and with the programme's end: as decoded, in programme seconds, against
    the end that the file declares, in container seconds."""
    decoded: Measures = {
        "decode_errors_per_100_frames": 100 * errors.count / max(len(scan.times), 1),
        "end_s": end_s,
    }
    length_s = None if declared_s is None else declared_s - scan.zero_s
    return scan.measures() | errors.measures() | decoded | early_end(end_s, length_s)


def early_end(end_s: float, length_s: float | None) -> Measures:
    """By how much the programme ends before its declared length: in seconds, and as a share of that length."""
    if length_s is None or length_s <= 0:
        return {"early_end_s": None, "early_end_share": None}
    early_s = max(0.0, length_s - end_s)
    return {"early_end_s": early_s, "early_end_share": early_s / length_s}


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
