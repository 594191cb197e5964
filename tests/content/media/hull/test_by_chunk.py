"""Chunks of a rung at qualities of their own: chosen from their stretches, part of their keys, joined as before."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.media.encode import chunk_key, encode_chunk
from marquee.content.media.grid import make_chunks
from marquee.content.media.hull import stretches
from marquee.content.media.hull.by_chunk import Sample, spread
from marquee.content.media.join import join_rendition, rendition_key
from marquee.content.media.verify import verify_rendition
from marquee.contracts.ladder import LadderSearch, Point, Probe, Probed
from marquee.contracts.plan import Chunk, ChunkJob, Codec, EncodePlan, Rung
from marquee.storage import Store
from tests.content.media.hull.made_up import point

RUNG = Rung(codec=Codec.H264, width=640, height=360, crf=30, maxrate_kbps=9000, preset="veryfast")
PROBE = Probe(search="key", codec=Codec.H264, width=384, height=216, by_chunk=True, name="h264 384x216 by chunk")
CRFS = (22, 30, 38)


@pytest.fixture(scope="module")
def plan(plan_of: Callable[..., EncodePlan], make_clip: Callable[..., Path]) -> EncodePlan:
    """Two chunks of 2 s, the second of which is busier."""
    busy = "testsrc2=size=320x180:rate=25:duration=4,noise=alls=40:allf=t:enable='gte(t,2)'"
    made = plan_of(make_clip("halves.mp4", seconds=4, size="320x180", video=busy, audio=False))
    grid = made.grid.model_copy(update={"gop_frames": 25, "gops_per_segment": 1, "segments_per_chunk": 2})
    chunks = make_chunks(grid, made.picture.frames)
    return made.model_copy(update={"grid": grid, "chunks": chunks, "vmaf_every": 5, "rungs": (RUNG,)})


def thankless(crf: int) -> Point:
    """Eight times the bits of others, and hardly better for more of them."""
    vmaf = 90 - 0.1 * (crf - 30)
    return point(640, 360, crf, 8).model_copy(update={"vmaf": vmaf, "vmaf_harmonic": vmaf, "vmaf_p5": vmaf - 4})


def easy(crf: int) -> Point:
    return point(640, 360, crf)


def sample(plan: EncodePlan, *kinds: Callable[[int], Point]) -> Sample:
    """A stretch of each kind, one in a chunk."""
    by_stretch = tuple(tuple(kind(crf) for crf in CRFS) for kind in kinds)
    probed = Probed(points=by_stretch[0], by_stretch=by_stretch, seconds=1)
    stretches_of = [c.model_copy(update={"frames": 25}) for c in plan.chunks]
    return Sample(stretches_of[:1], stretches_of, {PROBE: probed})


def found(rung: Rung, kbps: float = 500) -> LadderSearch:
    """A search that has found that rung."""
    expected = easy(30).model_copy(update={"kbps": kbps})
    none = {"points": (), "checks": (), "hull": (), "stretches": ()}
    return LadderSearch(profile="tailored", **none, rungs=(rung,), expected=(expected,), seconds=1)


def test_bits_go_where_they_bring_most(plan: EncodePlan) -> None:
    first, second = spread(plan, found(RUNG), sample(plan, easy, thankless)).rungs[0].crfs
    assert first < RUNG.crf < second
    assert spread(plan, found(RUNG), sample(plan, easy, easy)) == plan
    halves = [Chunk(index=n, first_frame=first, frames=25) for n, first in enumerate((60, 10))]
    turned = sample(plan, thankless, easy)._replace(of_chunks=halves)
    assert spread(plan, found(RUNG), turned).rungs[0].crfs == (first, second)


def test_what_was_not_probed_or_is_copied_keeps_one_quality(plan: EncodePlan) -> None:
    measured = sample(plan, easy, thankless)
    for update in ({"codec": Codec.AV1}, {"copied": True}):
        other = plan.model_copy(update={"rungs": (RUNG.model_copy(update=update),)})
        assert spread(other, found(other.rungs[0]), measured) == other
    assert spread(plan, found(RUNG.model_copy(update={"height": 720})), measured) == plan


def test_the_cap_is_that_of_the_rung_and_not_of_the_small_picture(plan: EncodePlan) -> None:
    """A rung whose mean is at its cap has no room for chunks above it."""
    measured = sample(plan, easy, thankless)
    assert spread(plan, found(RUNG, kbps=RUNG.maxrate_kbps * 5), measured).rungs[0].crfs == ()


def test_the_quality_is_part_of_the_keys_of_its_chunk_alone(plan: EncodePlan) -> None:
    own = RUNG.model_copy(update={"crfs": (30, 34)})
    first, second = plan.chunks
    assert chunk_key(plan, own, first) == chunk_key(plan, RUNG, first)
    assert chunk_key(plan, own, second) == chunk_key(plan, RUNG.model_copy(update={"crf": 34}), second)
    assert rendition_key(plan, own) != rendition_key(plan, RUNG)


def test_there_is_a_stretch_in_every_chunk_on_the_grid(plan: EncodePlan, mezzanine: Store) -> None:
    source = mezzanine.fetch(plan.mezzanine_key)
    chosen = stretches.of_chunks(source, plan)
    assert len(chosen) == len(plan.chunks) == 2
    for stretch, chunk in zip(chosen, plan.chunks, strict=True):
        assert chunk.first_frame <= stretch.first_frame < chunk.first_frame + chunk.frames
        assert (stretch.frames, stretch.first_frame % plan.grid.gop_frames) == (25, 0)


def test_chunks_of_two_qualities_join_and_pass_every_gate(
    plan: EncodePlan, mezzanine: Store, work: Store, scratch: Path
) -> None:
    small = RUNG.model_copy(update={"width": 320, "height": 180, "crfs": (28, 32)})
    made = plan.model_copy(update={"rungs": (small,)})
    for chunk in made.chunks:
        encode_chunk(made, ChunkJob(plan="", rung=0, chunk=chunk.index, name="x"), mezzanine, work, scratch)
    join_rendition(made, small, work, scratch)
    assert verify_rendition(made, 0, mezzanine, work, scratch).measure.frames == made.picture.frames
