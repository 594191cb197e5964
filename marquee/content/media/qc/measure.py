"""Measure a file: one decode of the picture and one of each audio track."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ConfigDict

from marquee.content.media.encoders import encoders
from marquee.content.media.qc import commands
from marquee.content.media.qc.cells import cells
from marquee.content.media.qc.declared import DeclaredEnds, declared_ends, picture_packets
from marquee.content.media.qc.decode import Errors, Progress, decode, time_limit_s
from marquee.content.media.qc.expectations import make_ready
from marquee.content.media.qc.filter_output import Stretch
from marquee.content.media.qc.findings import track_name
from marquee.content.media.qc.picture import PictureScan
from marquee.content.media.qc.sound import SoundScan
from marquee.contracts.base import Contract
from marquee.contracts.media import AudioStream, MediaInfo
from marquee.contracts.qc import Curve, Measures, QcInterval

SOUND_WORK = 0.05  # decoding a track, compared with decoding the picture
SCANS = 2  # what is kept of a film counts as long as this number stands: raise it when the scans see something else


class Kept(Contract):
    """What is read again later: digital silence is minus infinity in JSON too."""

    model_config = ConfigDict(ser_json_inf_nan="constants")


class Curves(Kept):
    """A track's momentary and short-term loudness, and its waveform."""

    momentary: Curve
    short_term: Curve
    waveform: Curve


class Measured(Kept):
    """The tables (one row for the picture, one per audio track), what was seen when, and the first track's curves.

    `end_s` is where the programme ends, `picture_end_s` where its picture does, as decoded.
    """

    end_s: float
    picture_end_s: float
    picture: Measures
    audio: tuple[Measures, ...]
    intervals: tuple[QcInterval, ...]
    curves: Curves | None


class Heard(Kept):
    """A sound file's row, what was heard or not when (in programme seconds, of no track yet), and its curves."""

    row: Measures
    intervals: tuple[QcInterval, ...]
    curves: Curves


def measured_key(info: MediaInfo, *more: object) -> str:
    """Where the measures of a film are kept: they depend on its bytes, the scans and the programs alone."""
    scans = [commands.picture_scan(Path("/film"), info, Path("/cells"))[1:]]
    scans += [commands.sound_scan(Path("/film"), info, track)[1:] for track in info.audio]
    recipe = json.dumps([SCANS, encoders(), scans, more])
    return f"measured/{info.sha256}/{hashlib.sha256(recipe.encode()).hexdigest()[:16]}.json"


def measure(path: Path, info: MediaInfo, on_progress: Progress) -> Measured:
    """Measure a local file. `on_progress` gets the share of the work done, from 0 to 1.

    A file that cannot be decoded is measured as such. Raises ToolFailed when ffmpeg fails for another reason.
    """
    make_ready()
    whole = 1 + SOUND_WORK * len(info.audio)
    picture, errors = _look(path, info, _part(on_progress, 0, 1 / whole))
    sounds: list[SoundScan] = []
    rows: list[Measures] = []
    intervals = _intervals("", picture.stretches, picture.zero_s) + _damage("", errors)
    for n, track in enumerate(info.audio):
        part = _part(on_progress, (1 + SOUND_WORK * n) / whole, SOUND_WORK / whole)
        sound, row, heard = _hear(path, info, track, picture.end_s, part)
        sounds.append(sound)
        rows.append(row)
        intervals += [each.model_copy(update={"track": track_name("audio", n)}) for each in heard]
    ends = _decoded_ends(picture, sounds)
    on_progress(1.0)
    return Measured(
        end_s=max(ends.values()) - picture.zero_s,
        picture_end_s=picture.end_s - picture.zero_s,
        picture=_picture_row(picture, errors, ends, declared_ends(path, info)),
        audio=tuple(rows),
        intervals=tuple(intervals),
        curves=_curves(sounds[0]) if sounds else None,
    )


def _look(path: Path, info: MediaInfo, on_progress: Progress) -> tuple[PictureScan, Errors]:
    """Decode the picture; its cells lie in a temporary file meanwhile, 576 bytes a frame."""
    limit_s = time_limit_s(info.duration_s)
    picture = PictureScan(info, picture_packets(path, info, limit_s))
    with TemporaryDirectory(prefix="marquee-qc-") as folder:
        mosaic = Path(folder) / "cells"
        errors = decode(commands.picture_scan(path, info, mosaic), picture, info.duration_s, on_progress)
        picture.look(cells(mosaic))
    return picture, errors


def _curves(sound: SoundScan) -> Curves:
    return Curves(momentary=sound.curve(), short_term=sound.short_term_curve(), waveform=sound.waveform())


def measure_sound(path: Path, info: MediaInfo, picture_end_s: float, on_progress: Progress) -> Heard:
    """Measure a sound file against a film whose picture ends at that second of the programme; see `as_programme`."""
    sound, row, intervals = _hear(path, info, info.audio[0], picture_end_s, on_progress)
    return Heard(row=row, intervals=tuple(intervals), curves=_curves(sound))


def as_programme(film: MediaInfo, demuxer: str, track: AudioStream, sha256: str) -> MediaInfo:
    """A sound file as if it were the film's own: beside its picture, on a clock that starts with the programme."""
    picture = film.picture.model_copy(update={"start_s": 0.0})
    own = {"sha256": sha256, "demuxer": demuxer, "audio": (track,), "text": (), "duration_s": track.duration_s}
    return film.model_copy(update={**own, "video": (picture,)})


def _hear(
    path: Path, info: MediaInfo, track: AudioStream, picture_end_s: float, on_progress: Progress
) -> tuple[SoundScan, Measures, list[QcInterval]]:
    """One track, its row, and what was heard when; `picture_end_s` is container time."""
    sound = SoundScan(info, track)
    errors = decode(commands.sound_scan(path, info, track), sound, info.duration_s, on_progress)
    rate: Measures = {"decode_errors_per_s": errors.count / max(track.duration_s, 1.0)}
    intervals = _intervals("", sound.stretches, info.start_s) + _damage("", errors)
    return sound, sound.measures(picture_end_s) | errors.measures() | rate, intervals


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


def _intervals(track: str, found: Mapping[str, Sequence[Stretch]], zero_s: float) -> list[QcInterval]:
    """Stretches by check as intervals in programme seconds; `zero_s` is the programme's start in theirs."""
    return [
        QcInterval(
            check=check, track=track, start_s=round(max(0.0, a - zero_s), 3), end_s=round(max(0.0, b - zero_s), 3)
        )
        for check, stretches in found.items()
        for a, b in stretches
    ]


def _damage(track: str, errors: Errors) -> list[QcInterval]:
    return _intervals(track, {"damage": errors.stretches()}, 0.0)
