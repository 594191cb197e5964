"""Verifies and measures a joined rendition."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean, quantiles

import ffmpeg

from marquee.content.media import sampling
from marquee.content.media.encode import Progress, chunk_key, time_limit
from marquee.content.media.join import rendition_key
from marquee.content.media.keys import content_key
from marquee.content.media.packets import Packets, check_packets, read_packets
from marquee.content.media.picture import command
from marquee.content.media.seams import seam_drop
from marquee.content.media.vmaf import FRAME_HASH, ChunkScores, frame_hashes, score_chunk
from marquee.contracts.base import Contract
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import ChunkJob, EncodePlan, Rung
from marquee.contracts.release import VideoMeasure
from marquee.storage import Store
from marquee.tools.ffprobe import local
from marquee.tools.process import run


class RenditionMeasures(Contract):
    """What was measured on a rendition. Rates in bit/s over whole segments; `seam_drop` in VMAF points, none without
    seams: by how much the worst seam is worse than its surroundings."""

    name: str
    measure: VideoMeasure
    bitrate_avg: int
    bitrate_peak: int
    seam_drop: float | None


def measures_key(plan: EncodePlan, rung: Rung) -> str:
    """Where the measures of a rendition lie in the work store."""
    recipe = rendition_key(plan, rung), plan.grid.model_dump(mode="json"), *sampling.recipe(plan)
    return content_key("measures", plan, *recipe, suffix=".json")


def verify_rendition(
    plan: EncodePlan,
    rung_index: int,
    mezzanine: Store,
    work: Store,
    scratch: Path,
    on_progress: Progress = lambda _: None,
) -> RenditionMeasures:
    """Check a joined rendition against its chunks and the plan, and measure it. Scores of chunks are reused.

    Raises GateFailed when frame count, frame duration, key frames, decoder configuration, decoded frames or seams
    break their law; NotFound when the rendition or a chunk is missing.
    """
    rung = plan.rungs[rung_index]
    joined = work.fetch(rendition_key(plan, rung))
    packets = check_packets(read_packets(joined), plan, plan.picture.frames, where=rung.name)
    check_configuration(plan, rung, work, packets)
    scores = list(_scores(plan, rung_index, mezzanine, work, scratch, on_progress))
    check_decoded(joined, [h for chunk in scores for h in chunk.hashes], where=rung.name)
    vmaf = {c.first_frame + n: v for c, s in zip(plan.chunks, scores, strict=True) for n, v in s.vmaf.items()}
    average = sum(packets.sizes) * 8 / plan.duration_s
    return RenditionMeasures(
        name=rung.name,
        measure=_video_measure(plan, vmaf),
        bitrate_avg=round(average),
        bitrate_peak=round(max(average, *segment_rates(packets, plan))),
        seam_drop=seam_drop(plan, vmaf, where=rung.name),
    )


def _scores(
    plan: EncodePlan, rung: int, mezzanine: Store, work: Store, scratch: Path, on_progress: Progress
) -> Iterator[ChunkScores]:
    for chunk in plan.chunks:
        job = ChunkJob(plan=plan.hash, rung=rung, chunk=chunk.index, name=f"{plan.rungs[rung].label} · {chunk.index}")
        done, share = chunk.first_frame / plan.picture.frames, chunk.frames / plan.picture.frames
        yield score_chunk(plan, job, mezzanine, work, scratch, _part(on_progress, done, share))


def _part(on_progress: Progress, done: float, share: float) -> Progress:
    return lambda fraction: on_progress(done + share * fraction)


def check_configuration(plan: EncodePlan, rung: Rung, work: Store, joined: Packets) -> None:
    """Raise GateFailed unless all chunks and the rendition carry one decoder configuration and the same bytes."""
    chunks = [read_packets(work.fetch(chunk_key(plan, rung, chunk))) for chunk in plan.chunks]
    found = {joined.extradata, *(chunk.extradata for chunk in chunks)}
    if len(found) != 1:
        raise GateFailed("more than one decoder configuration", where=rung.name, expected="1", got=str(len(found)))
    if [size for chunk in chunks for size in chunk.sizes] != list(joined.sizes):
        raise GateFailed("the join's packets are not those of its chunks", where=rung.name)


def check_decoded(joined: Path, expected: Sequence[str], *, where: str) -> None:
    """Raise GateFailed unless the file decodes to exactly the frames with these hashes, in order."""
    seen = 0

    def compare(line: str) -> None:
        nonlocal seen
        for found in frame_hashes([line]):
            if seen >= len(expected) or found != expected[seen]:
                raise GateFailed("decodes to another picture than its chunk", where=f"{where}, frame {seen}")
            seen += 1

    decoded = ffmpeg.input(local(joined), f="mov")["v"].output("-", fps_mode="passthrough", **FRAME_HASH)
    run(command(decoded), timeout_s=time_limit(len(expected)), on_line=compare)
    if seen != len(expected):
        raise GateFailed("wrong number of decoded frames", where=where, expected=str(len(expected)), got=str(seen))


def segment_rates(packets: Packets, plan: EncodePlan) -> list[float]:
    """Bit/s of each segment; a last one of less than half a segment does not count (RFC 8216, § 4.3.4.2)."""
    whole = plan.grid.segment_frames
    parts = [packets.sizes[n : n + whole] for n in range(0, len(packets.sizes), whole)]
    if len(parts) > 1 and len(parts[-1]) * 2 < whole:
        parts.pop()
    return [sum(part) * 8 * float(plan.grid.frame_rate) / len(part) for part in parts]


def _video_measure(plan: EncodePlan, vmaf: Mapping[int, float]) -> VideoMeasure:
    """Of the scores by frame, as if equally many frames were scored everywhere."""
    even = [score for frame, score in vmaf.items() for _ in range(sampling.weight(plan, frame))]
    fifth = quantiles(even, n=20, method="inclusive")[0] if len(even) > 1 else even[0]
    return VideoMeasure(frames=plan.picture.frames, vmaf_mean=round(fmean(even), 2), vmaf_p5=round(fifth, 2))
