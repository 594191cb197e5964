"""Jobs of a plan: encodes chunks and tracks, joins and measures renditions."""

from collections.abc import Mapping

from marquee.content.media.audio import encode_audio
from marquee.content.media.encode import chunk_key, encode_chunk
from marquee.content.media.join import join_rendition
from marquee.content.media.subtitles import convert_subtitles
from marquee.content.media.thumbnails import make_artwork, make_thumbnails
from marquee.content.media.verify import RenditionMeasures, verify_rendition
from marquee.content.pipeline.planning import load
from marquee.content.pipeline.progress import every
from marquee.content.pipeline.stores import mezzanine, work
from marquee.contracts.plan import ChunkJob, ChunkResult, EncodePlan, TrackJob, TrackKind
from marquee.contracts.release import VideoMeasure
from marquee.logs import log
from marquee.tools.scratch import scratch

PROGRESS_S = 2.0


def encode(job: ChunkJob) -> ChunkResult:
    """Encode one chunk at one rung, unless it lies in the work store already."""
    with scratch() as folder:
        done = encode_chunk(load(job.plan), job, mezzanine(), work(), folder, every(PROGRESS_S, job.name))
    log.info("chunk", name=job.name, reused=done.reused, seconds=round(done.seconds, 1), bytes=done.bytes)
    return done


def chunks_done(plan: EncodePlan) -> int:
    """How many chunks of a plan are encoded, over all rungs."""
    return sum(work().exists(chunk_key(plan, rung, chunk)) for rung in plan.rungs for chunk in plan.chunks)


def make_track(job: TrackJob) -> None:
    """Make what is made whole: an audio track, a subtitle track, or the pictures."""
    plan = load(job.plan)
    with scratch() as folder:
        match job.kind:
            case TrackKind.AUDIO:
                track = next(a for a in plan.audio if a.name == job.track)
                encode_audio(plan, track, mezzanine(), work(), folder, every(PROGRESS_S, job.name))
            case TrackKind.TEXT:
                text = next(t for t in plan.text if t.name == job.track)
                done = convert_subtitles(plan, text, mezzanine(), work(), folder)
                log.info("subtitles", name=job.name, cues=done.cues, notes=done.notes)
            case TrackKind.PICTURES:
                make_thumbnails(plan, mezzanine(), work(), folder, every(PROGRESS_S, job.name))
                make_artwork(plan, mezzanine(), work(), folder)


def join_and_verify(plan_hash: str, rung_name: str) -> RenditionMeasures:
    """Join a rung's chunks, hold the result against every gate, measure it, and keep the measures beside it."""
    plan = load(plan_hash)
    index = [rung.name for rung in plan.rungs].index(rung_name)
    with scratch() as folder:
        join_rendition(plan, plan.rungs[index], work(), folder)
        measures = verify_rendition(plan, index, mezzanine(), work(), folder, every(PROGRESS_S, rung_name))
    work().write(_measures_key(plan_hash, rung_name), measures.model_dump_json().encode())
    log.info("rendition", name=rung_name, **measures.measure.model_dump(), kbps=round(measures.bitrate_avg / 1000))
    return measures


def measures(plan: EncodePlan) -> Mapping[str, VideoMeasure]:
    """The measures of all rungs. Raises NotFound when one has not been joined and verified."""
    kept = {rung.name: work().read(_measures_key(plan.hash, rung.name)) for rung in plan.rungs}
    return {name: RenditionMeasures.model_validate_json(content).measure for name, content in kept.items()}


def _measures_key(plan_hash: str, rung_name: str) -> str:
    return f"{plan_hash}/measures/{rung_name}.json"
