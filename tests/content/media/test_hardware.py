"""Encoders of graphics hardware: chosen by setting, tried, left for software where they do not work."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from marquee.content.media.encode import chunk_commands, chunk_key
from marquee.content.media.hardware import ENCODERS, OPTIONS, choose, options, trial
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import Codec, EncodePlan, Hardware, Rung
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

SIZE = {"width": 160, "height": 90, "crf": 24, "maxrate_kbps": 600}
H264 = Rung(codec=Codec.H264, preset="veryfast", **SIZE)
VP9 = Rung(codec=Codec.VP9, preset="8", **SIZE)
HERE = [family for family in ENCODERS if family is not Hardware.VIDEOTOOLBOX]  # that this build of ffmpeg knows


@pytest.fixture
def plan(plan_of, small, make_clip) -> EncodePlan:
    return small(plan_of(make_clip(seconds=1, size="160x90", audio=False)), H264, VP9)


def argv(plan: EncodePlan, rung: Rung) -> list[str]:
    return chunk_commands(plan, rung, plan.chunks[0], Path("/source"), Path("/output"))[-1]


def test_software_is_the_default_and_needs_no_trial() -> None:
    assert choose("software") == (Hardware.NONE, "")


@pytest.mark.parametrize("family", [family for family in ENCODERS if trial(family)])
def test_what_does_not_work_here_is_left_for_software_with_a_word(family: Hardware) -> None:
    hardware, remark = choose(family.value)
    assert hardware is Hardware.NONE
    assert remark.startswith(f"encoded in software: {family.value} does not work here (")
    assert trial(family) in remark


def test_auto_takes_the_first_that_works() -> None:
    working = [family for family in ENCODERS if not trial(family)]
    assert choose("auto") == ((working or [Hardware.NONE])[0], "")


def test_another_word_is_refused() -> None:
    with pytest.raises(InvalidInput, match="software, auto, nvenc"):
        choose("cuda")


@pytest.mark.parametrize("family", HERE)
def test_ffmpeg_knows_every_option(family: Hardware) -> None:
    for encoder in ENCODERS[family].values():
        told = run([ffmpeg(), "-hide_banner", "-h", f"encoder={encoder}"], timeout_s=30).stdout.decode()
        known = set(re.findall(r"^\s+-([\w-]+)\s+<", told, re.MULTILINE)) | {"b:v", "bf"}
        assert set(OPTIONS[family]) <= known, encoder


@pytest.mark.parametrize("family", ENCODERS)
def test_the_grid_and_the_cap_hold_in_hardware_too(family: Hardware, plan: EncodePlan) -> None:
    in_hardware = plan.model_copy(update={"hardware": family})
    words = argv(in_hardware, H264)
    said = dict(pairwise(words))
    assert said["-vcodec"] == ENCODERS[family][Codec.H264]
    assert (said["-g"], said["-maxrate"], said["-flags"]) == (str(plan.grid.gop_frames), "600k", "+cgop")
    assert ("-vaapi_device" in words, any("hwupload" in word for word in words)) == (family == "vaapi",) * 2
    assert argv(in_hardware, VP9) == argv(plan, VP9)
    assert options(in_hardware, H264, {"maxrate": "1k", "bufsize": "1k", "g": 5, "crf": 1})["g"] == 5


def test_hardware_makes_another_plan_and_other_chunks(plan: EncodePlan) -> None:
    other = plan.model_copy(update={"hardware": Hardware.NVENC})
    assert other.hash != plan.hash
    assert chunk_key(other, H264, plan.chunks[0]) != chunk_key(plan, H264, plan.chunks[0])
    assert chunk_key(other, VP9, plan.chunks[0]) == chunk_key(plan, VP9, plan.chunks[0])
    assert plan.model_copy(update={"remarks": ("in software",)}).hash == plan.hash
