"""Measure a file: one decode of the picture and one of each audio track."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from marquee.content.media.qc import commands
from marquee.content.media.qc.declared import DeclaredEnds, declared_ends, picture_packets
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
    ends = _decoded_ends(picture, sounds)
    on_progress(1.0)
    return Measured(
        end_s=max(ends.values()) - picture.zero_s,
        picture=_picture_row(picture, errors, ends, declared_ends(path, info)),
        audio=rows,
        intervals=_intervals(picture, sounds),
        loudness_curve=sounds[0].curve() if sounds else (),
    )


def _part(on_progress: Progress, start: float, length: float) -> Progress:
    """The progress of a part of the work as that of the whole."""
    return lambda share: on_progress(start + length * share)


def _decoded_ends(picture: PictureScan, sounds: Sequence[SoundScan]) -> dict[int, float]:
    """Container times at which the streams, by index, end as decoded."""
    return {picture.info.picture.index: picture.end_s, **{sound.track.index: sound.end_s for sound in sounds}}


def _picture_row(scan: PictureScan, errors: Errors, decoded: Mapping[int, float], declared: DeclaredEnds) -> Measures:
    """The picture's measures, with its errors, and with the programme's end against what the file declares."""
    return {
        **scan.measures(),
        **errors.measures(),
        "decode_errors_per_100_frames": 100 * errors.count / max(len(scan.times), 1),
        "end_s": max(decoded.values()) - scan.zero_s,
        **early_end(decoded, declared, scan.zero_s),
    }


def early_end(decoded: Mapping[int, float], declared: DeclaredEnds, zero_s: float) -> Measures:
    """How early the film ends: seconds that the stream or the container which misses most ends before what it
    declares, and where it ends; and the share of the declared length that nothing fills.

    `decoded` are ends by stream; they and `zero_s`, the programme's start, are container seconds.
    """
    if declared.last_s is None or declared.last_s <= zero_s:
        return dict.fromkeys(("early_end_s", "early_end_at_s", "early_end_share"))
    end_s = max(decoded.values())
    both = [(declared_s, decoded.get(index, end_s)) for index, declared_s in declared.streams.items()]
    both += [] if declared.container_s is None else [(declared.container_s, end_s)]
    early_s, at_s = max((declared_s - decoded_s, decoded_s) for declared_s, decoded_s in both)
    return {
        "early_end_s": max(0.0, early_s),
        "early_end_at_s": at_s - zero_s,
        "early_end_share": max(0.0, declared.last_s - end_s) / (declared.last_s - zero_s),
    }


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
