"""Gives each chunk of a searched rung a quality of its own, from what a small picture of every chunk needs.

Which chunks are dear, and which of them get better for it, is the same at every size; a small one costs little.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from marquee.content.media.hull import curves, slope
from marquee.content.media.hull.search import correction_of, points_of
from marquee.contracts.ladder import LadderSearch, Point, Probe, Probed
from marquee.contracts.plan import Chunk, Codec, EncodePlan, Rung


class Sample(NamedTuple):
    """A search as it was measured: the stretches, those of each chunk, and what each probe gave."""

    stretches: Sequence[Chunk]
    of_chunks: Sequence[Chunk]
    probed: Mapping[Probe, Probed]


def spread(plan: EncodePlan, search: LadderSearch, sample: Sample) -> EncodePlan:
    """The plan with a CRF for each chunk of those rungs that a search has found; others keep theirs."""
    expected = {rung.rendition: point for rung, point in zip(search.rungs, search.expected, strict=True)}
    by_codec = {codec: _curves(codec, plan.chunks, sample) for codec in {rung.codec for rung in plan.rungs}}
    seconds = [float(chunk.frames / plan.grid.frame_rate) for chunk in plan.chunks]

    def of_its_own(rung: Rung) -> Rung:
        chunks, likely = by_codec[rung.codec], expected.get(rung.rendition)
        if rung.copied or not chunks or not likely:
            return rung
        small = fmean(point.kbps for curve in chunks for point in curve if point.crf == rung.crf)
        crfs = slope.allocate(chunks, seconds, rung.crf, small * rung.maxrate_kbps / likely.kbps)
        return rung.model_copy(update={"crfs": crfs}) if set(crfs) != {rung.crf} else rung

    return plan.model_copy(update={"rungs": tuple(map(of_its_own, plan.rungs))})


def _curves(codec: Codec, chunks: Sequence[Chunk], sample: Sample) -> list[list[Point]]:
    """What each chunk gives at any CRF, by the stretch that is nearest; none where the codec was not probed."""
    found = next((p for probe, p in sample.probed.items() if probe.by_chunk and probe.codec is codec), None)
    if found is None:
        return []
    measured, checks = points_of(sample.probed, check=False), points_of(sample.probed, check=True)
    correction = correction_of(codec, measured, checks)
    by_stretch = [list(curves.at_every_crf(points, correction)) for points in found.by_stretch]
    return [by_stretch[_nearest(chunk, sample.of_chunks)] for chunk in chunks]


def _nearest(chunk: Chunk, stretches: Sequence[Chunk]) -> int:
    """The place of the stretch whose middle is nearest to the chunk's."""
    return min(range(len(stretches)), key=lambda n: abs(_middle(stretches[n]) - _middle(chunk)))


def _middle(part: Chunk) -> float:
    return part.first_frame + part.frames / 2
