"""Gives each chunk of a searched rung a quality of its own, from what the probes say of the stretch that lies in it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from marquee.content.media.hull import curves, slope
from marquee.content.media.hull.search import correction_of, points_of
from marquee.contracts.ladder import Probe, Probed
from marquee.contracts.plan import Chunk, EncodePlan, Rung


class Sample(NamedTuple):
    """A search as it was measured: the stretches, and what each probe gave."""

    stretches: Sequence[Chunk]
    probed: Mapping[Probe, Probed]


def spread(plan: EncodePlan, sample: Sample) -> EncodePlan:
    """The plan with a CRF for each chunk of those rungs whose size was probed; others keep theirs."""
    return plan.model_copy(update={"rungs": tuple(_spread(plan, rung, sample) for rung in plan.rungs)})


def _spread(plan: EncodePlan, rung: Rung, sample: Sample) -> Rung:
    found = next((p for probe, p in sample.probed.items() if _is_of(probe, rung)), None)
    if rung.copied or found is None or not found.by_stretch:
        return rung
    measured, checks = points_of(sample.probed, check=False), points_of(sample.probed, check=True)
    correction = correction_of(rung.codec, measured, checks)
    by_stretch = [list(curves.at_every_crf(points, correction)) for points in found.by_stretch]
    chunks = [by_stretch[_nearest(chunk, sample.stretches)] for chunk in plan.chunks]
    seconds = [float(chunk.frames / plan.grid.frame_rate) for chunk in plan.chunks]
    crfs = slope.allocate(chunks, seconds, rung.crf, rung.maxrate_kbps)
    return rung.model_copy(update={"crfs": crfs}) if set(crfs) != {rung.crf} else rung


def _is_of(probe: Probe, rung: Rung) -> bool:
    size = probe.width == rung.width and probe.height == rung.height
    return size and probe.codec is rung.codec and not probe.check


def _nearest(chunk: Chunk, stretches: Sequence[Chunk]) -> int:
    """The place of the stretch whose middle is nearest to the chunk's."""
    return min(range(len(stretches)), key=lambda n: abs(_middle(stretches[n]) - _middle(chunk)))


def _middle(part: Chunk) -> float:
    return part.first_frame + part.frames / 2
