"""Plans of real clips, and what the sidecar and QC change in them."""

import hashlib
import json
from fractions import Fraction
from pathlib import Path

import pytest

from marquee.content.media.audio import audio_key
from marquee.content.media.grid import make_chunks
from marquee.content.media.join import rendition_key
from marquee.content.media.plan import jobs, make_plan, with_tracks
from marquee.content.media.thumbnails import sheets_folder
from marquee.contracts.delivery import AudioFile, StoredFile, StoredTrack, SubtitleFile
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import Crop, DrmScheme, EncodePlan

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


def test_plans_that_agree_on_a_rendition_share_its_file(plan_of, make_clip) -> None:
    plan = plan_of(make_clip())

    def keys(**update: object) -> list[str]:
        other = plan.model_copy(update=update)
        return [rendition_key(other, other.rungs[0]), audio_key(other, other.audio[0]), sheets_folder(other)]

    assert keys(text=(), artwork={"poster": "key"}, scheme=DrmScheme.NONE, vmaf_every=9) == keys()
    louder = plan.audio[0].model_copy(update={"target_lufs": -16})
    renamed = plan.audio[0].model_copy(update={"label": "Deutsch"})
    assert keys(audio=(renamed,)) == keys()
    changed = {
        "source": {"mezzanine_sha256": "f" * 64},
        "attempt": {"attempt": 1},
        "encoders": {"encoders": "newer"},
        "crop": {"picture": plan.picture.model_copy(update={"crop": Crop(width=320, height=180, x=0, y=0)})},
        "chunks": {"chunks": make_chunks(plan.grid.model_copy(update={"segments_per_chunk": 1}), plan.picture.frames)},
        "rung": {"rungs": (plan.rungs[0].model_copy(update={"crf": 40}),)},
        "qualities": {"rungs": (plan.rungs[0].model_copy(update={"crfs": (40,) * len(plan.chunks)}),)},
        "loudness": {"audio": (louder,)},
        "file": {"audio": (plan.audio[0].model_copy(update={"key": "other.wav", "demuxer": "wav"}),)},
    }
    differ = {name: [a != b for a, b in zip(keys(**update), keys(), strict=True)] for name, update in changed.items()}
    picture, sound = [True, False, False], [False, True, False]
    assert differ == {
        **{name: [True, True, True] for name in ("source", "attempt", "encoders")},
        "crop": [True, False, True],
        "chunks": picture,
        "rung": picture,
        "qualities": picture,
        "loudness": sound,
        "file": sound,
    }


def test_a_plan_keeps_its_hash_when_plans_get_new_fields(plan_of, make_clip) -> None:
    plan = plan_of(make_clip())
    younger = {
        "remarks": True,
        "hardware": True,
        "key_period": True,
        "watermark": True,
        "segments_per_key": True,
        "text": {"__all__": {"service"}},
        "vmaf_between": True,
        "marks": {"chapters"},
        "rungs": {"__all__": {"copied", "options", "grade", "variant", "crfs"}},
        "audio": {"__all__": {"key", "demuxer", "codec"}},
        "picture": {"mastering", "light", "pulldown"},
    }
    said = plan.model_dump(mode="json", exclude=younger)
    assert (
        plan.hash
        == hashlib.sha256(json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()[:16]
    )
    file = plan.audio[0].model_copy(update={"key": "other.wav"})
    assert plan.model_copy(update={"audio": (file,)}).hash != plan.hash
    graded = plan.rungs[0].model_copy(update={"grade": 2})
    assert plan.model_copy(update={"rungs": (graded, *plan.rungs[1:])}).hash != plan.hash


def test_peoples_files_take_the_place_of_their_like_and_all_else_stays(accept, make_clip, tmp_path: Path) -> None:
    (tmp_path / "en.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    sides = {"audio": TRACKS, "subtitles": [{"file": "en.srt", "language": "en"}, {"file": "en.srt", "language": "de"}]}
    accepted = accept(make_clip(), tmp_path / "en.srt", **sides)
    base = make_plan(accepted, {}, profile="preview", scheme=DrmScheme.CBCS)
    stored = StoredFile(name="new", key="sha/new", sha256="sha", size=1)
    stereo = accepted.media.audio[0].model_copy(update={"channels": 2})
    dubbed = AudioFile(file="new", language="de", role="dub")
    dub = StoredTrack(track=dubbed, stored=stored, demuxer="wav", stream=stereo)
    better = dub.model_copy(update={"track": AudioFile(file="new", language="en")})
    text = StoredTrack(track=SubtitleFile(file="new", language="en", label="English"), stored=stored)
    measured = {"audio0_lufs": -10.0, "audio1_lufs": -20.0}

    added = with_tracks(base, accepted.model_copy(update={"tracks": (dub, text)}), measured)
    assert added.model_copy(update={"audio": base.audio, "text": base.text}) == base
    assert [(a.name, a.key, a.measured_lufs) for a in added.audio] == [
        ("en-aac-stereo", "", None),
        ("de-dub-aac-stereo", "sha/new", -20.0),
    ]
    assert [(t.language, t.key == "sha/new") for t in added.text] == [("en", True), ("de", False)]
    replaced = with_tracks(added, accepted.model_copy(update={"tracks": (better, dub, text)}), {})
    assert [(a.name, a.key) for a in replaced.audio] == [("en-aac-stereo", "sha/new"), ("de-dub-aac-stereo", "sha/new")]
    assert replaced.audio[1] == added.audio[1]  # made before, it is not measured again
    anew = make_plan(accepted.model_copy(update={"tracks": (better, dub, text)}), {}, profile="preview", scheme="cbcs")
    assert [a.name for a in anew.audio] == [a.name for a in replaced.audio]
    assert [t.key for t in anew.text] == [t.key for t in replaced.text]


def test_a_persons_crop_goes_before_the_measured_one(accept, make_clip) -> None:
    measured = {"crop_width": 640, "crop_height": 270, "crop_x": 0, "crop_y": 45}
    wanted = Crop(width=320, height=180, x=10, y=20)
    plan = make_plan(accept(make_clip()), measured, profile="preview", scheme="cbcs", apply_crop=True, crop=wanted)
    assert plan.picture.crop == wanted
    assert (plan.picture.width, plan.picture.height) == (320, 180)
