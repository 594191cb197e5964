"""Brings renditions back from releases whose work files were collected: decrypted and put together, never encoded anew.

They are found by the same keys as work files, so what is brought back is what would be made.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from marquee.catalogue import releases
from marquee.catalogue.database import begin
from marquee.content.media.audio import audio_key, check_track
from marquee.content.media.join import join, rendition_key
from marquee.content.media.package.layout import Track, audio_track, video_track
from marquee.content.media.package.opened import open_track
from marquee.content.media.verify import RenditionMeasures, measures_key
from marquee.content.pipeline import content_keys, plans
from marquee.content.pipeline.stores import origins, work
from marquee.contracts.errors import NotFound, Unavailable
from marquee.contracts.plan import AudioRendition, EncodePlan, Rung
from marquee.contracts.release import Release, ReleaseFile, VideoMeasure
from marquee.logs import log
from marquee.tools.scratch import scratch

LEAST_TIMEOUT_S = 600
Keyed = Callable[[EncodePlan], Iterable[tuple[Track, str]]]
"""The tracks of a plan with their keys in the work store."""


class Holding(NamedTuple):
    """A published release, and its track that is wanted."""

    release: Release
    track: Track


def can_restore(plan: EncodePlan, rung: Rung) -> bool:
    """Whether a published release of the same film has the very rendition."""
    return _video(plan, rung) is not None


def restore_video(plan: EncodePlan, rung: Rung) -> bool:
    """Put a rendition with its measures back into the work store; False where no release has it.

    Raises Unavailable when a file of it has no good copy on any replica, GateFailed when it is not as planned.
    """
    found = _video(plan, rung)
    if found is None:
        return False
    measures = _measures(found)
    with scratch() as folder:
        clear = _clear(found, folder)
        work().write(measures_key(plan, rung), measures.model_dump_json().encode())  # first: the rendition counts
        join(plan, rung, [clear], work(), folder)
    log.info("restored", name=rung.name, release_id=found.release.release_id)
    return True


def restore_audio(plan: EncodePlan, rendition: AudioRendition) -> bool:
    """The same of a sound rendition."""
    key = audio_key(plan, rendition)
    found = _holding(plan, key, lambda other: ((audio_track(each), audio_key(other, each)) for each in other.audio))
    if found is None:
        return False
    with scratch() as folder:
        clear = _clear(found, folder)
        check_track(plan, rendition, clear)
        work().put(key, clear)
    log.info("restored", name=rendition.name, release_id=found.release.release_id)
    return True


def _video(plan: EncodePlan, rung: Rung) -> Holding | None:
    key = rendition_key(plan, rung)
    return _holding(plan, key, lambda other: ((video_track(each), rendition_key(other, each)) for each in other.rungs))


def _holding(plan: EncodePlan, key: str, keyed: Keyed) -> Holding | None:
    with begin() as session:
        rows = releases.of_source(session, plan.mezzanine_sha256)
    for row in rows:
        try:
            tracks = list(keyed(plans.load(row.plan)))
        except NotFound:  # of an old form, or older than what is put aside
            continue
        if track := next((track for track, each in tracks if each == key), None):
            return Holding(releases.document(row), track)
    return None


def _measures(found: Holding) -> RenditionMeasures:
    """What the release says of a rendition. Its seams were measured when it was made."""
    told = next(each for each in found.release.video if each.name == found.track.name)
    measure = VideoMeasure(frames=told.frames, vmaf_mean=told.vmaf_mean, vmaf_p5=told.vmaf_p5)
    rates = {"bitrate_avg": told.bitrate_avg, "bitrate_peak": told.bitrate_peak}
    return RenditionMeasures(name=told.name, measure=measure, **rates, seam_drop=None)


def _clear(found: Holding, folder: Path) -> Path:
    """The track as one file in the clear."""
    release, track = found
    with begin() as session:
        keys = content_keys.of_release(session, release.release_id, release.scheme.parts[0])
    init, *segments = (partial(_content, release, file) for file in _files(release, track))
    timeout_s = LEAST_TIMEOUT_S + release.duration_s
    return open_track(init(), (read() for read in segments), track, release.scheme.parts[0], keys, folder, timeout_s)


def _files(release: Release, track: Track) -> list[ReleaseFile]:
    """The initialisation segment and the media segments in order."""
    own = {Path(f.path).stem: f for f in release.files if f.path.startswith(f"{track.folder}/")}
    return [own["init"], *(own[n] for n in sorted(filter(str.isdecimal, own), key=int))]


def _content(release: Release, file: ReleaseFile) -> bytes:
    """A file of a release from the first replica that holds it right."""
    for store in origins().values():
        try:
            content = store.read(f"{release.prefix}/{file.path}")
        except (NotFound, OSError):
            continue
        if hashlib.sha256(content).hexdigest() == file.sha256:
            return content
    raise Unavailable("no replica has a good copy", where=f"{release.prefix}/{file.path}", expected=file.sha256)
