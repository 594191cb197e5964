"""Jobs of a plan: encodes chunks and tracks, joins and measures renditions."""

from collections.abc import Mapping

from marquee.content.media.audio import audio_key, encode_audio
from marquee.content.media.encode import chunk_key
from marquee.content.media.join import join_rendition, rendition_key
from marquee.content.media.scored import encode_scored
from marquee.content.media.subtitles import convert_subtitles
from marquee.content.media.thumbnails import make_artwork, make_thumbnails
from marquee.content.media.verify import RenditionMeasures, measures_key, verify_rendition
from marquee.content.pipeline import restoring
from marquee.content.pipeline.plans import load
from marquee.content.pipeline.progress import every
from marquee.content.pipeline.stores import mezzanine, work
from marquee.content.pipeline.watermark_key import key_of
from marquee.contracts.plan import ChunkJob, ChunkResult, EncodePlan, Rung, TrackJob, TrackKind
from marquee.contracts.release import VideoMeasure
from marquee.logs import log
from marquee.tools.scratch import scratch

PROGRESS_S = 2.0


def encode(job: ChunkJob) -> ChunkResult:
    """Encode one chunk at one rung and score it, unless it, or the whole rendition, lies in the work store already.

    Scores are taken here because chunks fill all slots, which the few renditions at the end would not.
    """
    plan = load(job.plan)
    whole = rendition_key(plan, plan.rungs[job.rung])
    if work().exists(whole) or (job.made and restoring.restore_video(plan, plan.rungs[job.rung])):
        frames, size = plan.chunks[job.chunk].frames, work().size(whole)
        return ChunkResult(key=whole, frames=frames, bytes=size, seconds=0.0, reused=True)
    with scratch() as folder:
        progress = every(PROGRESS_S, job.name)
        done, _ = encode_scored(plan, job, mezzanine(), work(), folder, progress, watermark_key=key_of(plan))
    if not done.reused:
        work().write(f"{_seconds(job.plan)}/{job.rung}-{job.chunk}", f"{done.seconds:.2f}".encode())
    log.info("chunk", name=job.name, reused=done.reused, seconds=round(done.seconds, 1), bytes=done.bytes)
    return done


def encode_seconds(plan_hash: str) -> float:
    """Seconds of one core that the chunks of a plan took, as far as they were encoded for this plan."""
    return sum(float(work().read(key)) for key in work().keys(_seconds(plan_hash)))


def _seconds(plan_hash: str) -> str:
    return f"{plan_hash}/seconds"


def chunks_done(plan: EncodePlan) -> int:
    """How many chunks of a plan are encoded, over all rungs."""
    return sum(
        len(plan.chunks)
        if work().exists(rendition_key(plan, rung))
        else sum(work().exists(chunk_key(plan, rung, chunk)) for chunk in plan.chunks)
        for rung in plan.rungs
    )


def make_track(job: TrackJob) -> None:
    """Make what is made whole: an audio track, a subtitle track, or the pictures."""
    plan = load(job.plan)
    with scratch() as folder:
        match job.kind:
            case TrackKind.AUDIO:
                track = next(a for a in plan.audio if a.name == job.track)
                if work().exists(audio_key(plan, track)) or not restoring.restore_audio(plan, track):
                    encode_audio(plan, track, mezzanine(), work(), folder, every(PROGRESS_S, job.name))
            case TrackKind.TEXT:
                text = next(t for t in plan.text if t.name == job.track)
                done = convert_subtitles(plan, text, mezzanine(), work(), folder)
                log.info("subtitles", name=job.name, cues=done.cues, notes=done.notes)
            case TrackKind.PICTURES:
                make_thumbnails(plan, mezzanine(), work(), folder, every(PROGRESS_S, job.name))
                make_artwork(plan, mezzanine(), work(), folder)


def join_and_verify(plan_hash: str, rung_name: str) -> RenditionMeasures:
    """Join a rung's chunks, hold the result against every gate, measure it, and keep the measures beside it.

    One that has passed before is passed on, from a release if need be.
    """
    plan = load(plan_hash)
    index = [rung.name for rung in plan.rungs].index(rung_name)
    rung = plan.rungs[index]
    if _passed(plan, rung) or (not _encoded(plan, rung) and restoring.restore_video(plan, rung)):
        return _measures(plan, rung)
    with scratch() as folder:
        join_rendition(plan, rung, work(), folder)
        measures = verify_rendition(plan, index, mezzanine(), work(), folder, every(PROGRESS_S, rung_name))
    work().write(measures_key(plan, rung), measures.model_dump_json().encode())
    log.info("rendition", name=rung_name, **measures.measure.model_dump(), kbps=round(measures.bitrate_avg / 1000))
    return measures


def _passed(plan: EncodePlan, rung: Rung) -> bool:
    return work().exists(measures_key(plan, rung)) and work().exists(rendition_key(plan, rung))


def _encoded(plan: EncodePlan, rung: Rung) -> bool:
    """Whether all chunks are there."""
    return all(work().exists(chunk_key(plan, rung, chunk)) for chunk in plan.chunks)


def measures(plan: EncodePlan) -> Mapping[str, VideoMeasure]:
    """The measures of all rungs. Raises NotFound when one has not been joined and verified."""
    return {found.name: found.measure for found in of_renditions(plan)}


def of_renditions(plan: EncodePlan) -> tuple[RenditionMeasures, ...]:
    """All that was measured on each rung. Raises NotFound as `measures` does."""
    return tuple(_measures(plan, rung) for rung in plan.rungs)


def _measures(plan: EncodePlan, rung: Rung) -> RenditionMeasures:
    return RenditionMeasures.model_validate_json(work().read(measures_key(plan, rung)))
