"""The seam gate: content may vary, seams may not show."""

import random

import pytest

from marquee.content.media.seams import seam_drop
from marquee.contracts.errors import GateFailed


@pytest.fixture
def plan(plan_of, make_clip):
    return plan_of(make_clip("long.mp4", seconds=48, size="64x36", rate="25", audio=False))


def scores(plan, dip: float = 0.0, *, at: int | None = None, noise: float = 2.0) -> dict[int, float]:
    rng = random.Random(1)
    frames = range(0, plan.picture.frames, plan.vmaf_every)
    near = {f for f in frames if at is not None and abs(f - at) <= 12}
    return {f: 90 + rng.uniform(-noise, noise) - (dip if f in near else 0) for f in frames}


def test_an_even_picture_passes(plan) -> None:
    assert len(plan.chunks) > 2
    assert seam_drop(plan, scores(plan), where="x") == pytest.approx(0, abs=3)


def test_a_seam_that_shows_fails(plan) -> None:
    with pytest.raises(GateFailed, match="a seam shows"):
        seam_drop(plan, scores(plan, 12, at=plan.chunks[1].first_frame), where="x")


def test_the_same_dip_inside_a_chunk_is_the_film(plan) -> None:
    inside = plan.chunks[1].first_frame + plan.grid.gop_frames
    assert seam_drop(plan, scores(plan, 12, at=inside), where="x") is not None


def test_one_chunk_has_no_seam(plan) -> None:
    whole = plan.chunks[0].model_copy(update={"frames": plan.picture.frames})
    assert seam_drop(plan.model_copy(update={"chunks": (whole,)}), scores(plan), where="x") is None
