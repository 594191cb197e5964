"""Plans of real clips, and what the sidecar and QC change in them."""

from fractions import Fraction
from pathlib import Path

import pytest

from marquee.content.media.plan import jobs
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import Crop, EncodePlan

TRACKS = [{"stream": 0, "language": "en"}]
MEASURED = {"audio0_lufs": -20.5, "audio0_peak_dbtp": -3.0}


def test_one_rotated_frame_gives_one_upright_rung(plan_of, shared_media: Path) -> None:
    plan = plan_of(shared_media / "rotation-90-one-frame.mp4", profile="standard")
    assert (plan.picture.width, plan.picture.height, plan.picture.frames) == (60, 100, 1)
    assert [(r.width, r.height) for r in plan.rungs] == [(60, 100)]
    assert [(c.first_frame, c.frames) for c in plan.chunks] == [(0, 1)]
    assert plan.audio == ()


def test_anamorphic_ntsc_keeps_its_exact_rate_and_square_pixels(plan_of, shared_media: Path) -> None:
    plan = plan_of(shared_media / "popeye-480-2997-vobsub.mkv")
    assert (plan.picture.width, plan.picture.height) == (640, 478)
    assert plan.grid.frame_rate == Fraction(30000, 1001)
    assert plan.grid.segment_s == Fraction(4004, 1000)
    assert plan.picture.frames == 1800
    assert plan.text == ()
    assert "pictures, not text" in plan.notes[0]


def test_surround_gets_stereo_besides_and_only_its_own_layout_is_known_loud(plan_of, shared_media: Path) -> None:
    plan = plan_of(shared_media / "big-buck-bunny-720p-5.1.mp4", measured=MEASURED, audio=TRACKS)
    stereo, surround = plan.audio
    assert (stereo.name, surround.name) == ("en-aac-stereo", "en-aac-5.1")
    assert (stereo.measured_lufs, surround.measured_lufs) == (None, -20.5)


def test_the_crop_is_taken_only_when_asked(accept, make_clip) -> None:
    from marquee.content.media.plan import make_plan

    accepted = accept(make_clip())
    measured = {"crop_width": 640, "crop_height": 270, "crop_x": 0, "crop_y": 45}
    plain = make_plan(accepted, measured, profile="preview", scheme="cbcs")
    cropped = make_plan(accepted, measured, profile="preview", scheme="cbcs", apply_crop=True)
    assert plain.picture.crop is None
    assert cropped.picture.crop == Crop(width=640, height=270, x=0, y=45)
    assert (cropped.picture.width, cropped.picture.height) == (640, 270)
    assert max(r.height for r in cropped.rungs) == 270


def test_equal_arguments_give_an_equal_plan_and_plans_survive_json(plan_of, make_clip) -> None:
    first, second = plan_of(make_clip(), measured=MEASURED), plan_of(make_clip(), measured=MEASURED)
    assert first.hash == second.hash
    assert EncodePlan.model_validate_json(first.model_dump_json()) == first
    assert plan_of(make_clip(), measured={"interlaced_share": 0.5}).hash != first.hash


def test_there_is_a_job_for_each_chunk_of_each_rung_dearest_first(plan_of, make_clip) -> None:
    plan = plan_of(make_clip(seconds=20))
    made = list(jobs(plan))
    assert {(j.rung, j.chunk) for j in made} == {(r, c) for r in range(2) for c in range(len(plan.chunks))}
    assert made[0].name == f"h264 360p · chunk 1/{len(plan.chunks)}"
    assert made[-1].name == f"h264 180p · chunk {len(plan.chunks)}/{len(plan.chunks)}"


def test_a_stream_that_is_not_there_is_refused(plan_of, make_clip) -> None:
    with pytest.raises(InvalidInput, match=r"no such audio stream; expected below 1; got 3"):
        plan_of(make_clip(), audio=[{"stream": 3, "language": "en"}])


def test_languages_come_as_short_codes(plan_of, make_clip) -> None:
    german = make_clip(extra=("-metadata:s:a:0", "language=ger"))
    assert [a.name for a in plan_of(german).audio] == ["de-aac-stereo"]
