"""Builds release.json from a checked release folder, measured where it can be measured."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from marquee.content.media.package.layout import Keys, Track, audio_track, text_path, video_track
from marquee.content.media.package.segments import read_init, read_segment
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import AudioRendition, EncodePlan, Rung, TextRendition
from marquee.contracts.release import (
    AudioTrackRendition,
    Release,
    ReleaseFile,
    TextTrackRendition,
    VideoMeasure,
    VideoRendition,
)
from marquee.storage import file_sha256


def inventory(
    folder: Path,
    plan: EncodePlan,
    *,
    keys: Keys,
    measures: Mapping[str, VideoMeasure],
    release_id: int,
    title_id: int,
    slug: str,
    created_at: datetime,
) -> Release:
    """Describe a release folder. `measures` by rung name. Bitrates are those of the segments, sound and picture alone.

    Raises InvalidInput when a rung has no measures.
    """
    if missing := {rung.name for rung in plan.rungs} - set(measures):
        raise InvalidInput("no measures", where=", ".join(sorted(missing)), expected="frames and VMAF of every rung")
    return Release(
        release_id=release_id,
        title_id=title_id,
        slug=slug,
        plan=plan.hash,
        profile=plan.profile,
        scheme=plan.scheme,
        created_at=created_at,
        duration_s=plan.duration_s,
        segment_s=float(plan.grid.segment_s),
        video=tuple(_video(folder, plan, rung, keys, measures[rung.name]) for rung in plan.listed),
        audio=tuple(_audio(folder, rendition, keys) for rendition in plan.audio),
        text=tuple(_text(folder, rendition) for rendition in plan.text),
        marks=plan.marks,
        watermark=plan.watermark,
        later_kids=later_kids(keys),
        files=tuple(_file(folder, path) for path in sorted(folder.rglob("*")) if path.is_file()),
    )


def later_kids(keys: Keys) -> dict[str, tuple[str, ...]]:
    """What release.json says of later crypto periods."""
    return {key.kid: tuple(later.kid for later in key.later) for key in keys.values() if key.later}


def _video(folder: Path, plan: EncodePlan, rung: Rung, keys: Keys, measure: VideoMeasure) -> VideoRendition:
    average, peak = bitrates(folder, video_track(rung))
    return VideoRendition(
        name=rung.name,
        codec=rung.codec.value,
        width=rung.width,
        height=rung.height,
        frame_rate=plan.grid.frame_rate,
        frames=measure.frames,
        bitrate_avg=average,
        bitrate_peak=peak,
        vmaf_mean=measure.vmaf_mean,
        vmaf_p5=measure.vmaf_p5,
        kid=_kid(video_track(rung), keys),
    )


def _audio(folder: Path, rendition: AudioRendition, keys: Keys) -> AudioTrackRendition:
    track = audio_track(rendition)
    return AudioTrackRendition(
        name=rendition.name,
        codec=rendition.codec.value,
        language=rendition.language,
        role=rendition.role,
        channels=rendition.channels,
        bitrate_avg=bitrates(folder, track)[0],
        kid=_kid(track, keys),
    )


def _text(folder: Path, rendition: TextRendition) -> TextTrackRendition:
    lines = (folder / text_path(rendition.name)).read_text().splitlines()
    cues = sum("-->" in line for line in lines)
    return TextTrackRendition(name=rendition.name, language=rendition.language, kind=rendition.kind, cues=cues)


def _kid(track: Track, keys: Keys) -> str | None:
    return keys[track.protection].kid if keys else None


def _file(folder: Path, path: Path) -> ReleaseFile:
    relative = path.relative_to(folder).as_posix()
    return ReleaseFile(path=relative, sha256=file_sha256(path), size=path.stat().st_size)


def bitrates(folder: Path, track: Track) -> tuple[int, int]:
    """Average and peak bit/s of a track's segments, headers included; the peak is that of the costliest segment."""
    init = read_init(folder / track.init())
    paths = track.segments(folder)
    bits = [path.stat().st_size * 8 for path in paths]
    seconds = [read_segment(path, init).duration / init.timescale for path in paths]
    return round(sum(bits) / sum(seconds)), round(max(b / s for b, s in zip(bits, seconds, strict=True)))
