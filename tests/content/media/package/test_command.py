"""The command is a pure function of the plan, and holds no key and no free text."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from marquee.content.drm.keys import new_key, new_keys
from marquee.content.media.package.command import arguments, flag_file
from marquee.content.media.package.layout import protected_types, require_keys
from marquee.contracts.errors import InvalidInput
from marquee.contracts.keys import TrackType
from marquee.contracts.plan import DrmScheme, EncodePlan

PlanMaker = Callable[[DrmScheme], EncodePlan]
ENCRYPTED = [DrmScheme.CBCS, DrmScheme.CENC]


@pytest.mark.parametrize("scheme", ENCRYPTED)
def test_everything_is_encrypted_from_the_first_second(plan_of: PlanMaker, scheme: DrmScheme) -> None:
    command = arguments(plan_of(scheme), "en")
    assert {"--clear_lead=0", f"--protection_scheme={scheme.value}", "--enable_raw_key_encryption"} <= set(command)
    assert not any(flag.startswith(("--iv", "--keys", "--key", "--pssh")) for flag in command)
    assert "skip_encryption" not in " ".join(command)


def test_fairplay_is_never_left_to_packager(plan_of: PlanMaker) -> None:
    assert not any("FairPlay" in part for scheme in DrmScheme for part in arguments(plan_of(scheme), "en"))


def test_in_the_clear_no_key_is_asked_for(plan_of: PlanMaker) -> None:
    command = " ".join(arguments(plan_of(DrmScheme.NONE), "en"))
    assert "secret" not in command
    assert "drm_label" not in command
    assert "protection" not in command


def test_keys_follow_the_lines(plan_of: PlanMaker) -> None:
    command = arguments(plan_of(DrmScheme.CBCS), "en")
    fields = [dict(f.split("=", 1) for f in part.split(",")) for part in command if part.startswith("in=")]
    labels = {each["in"].removeprefix("in/").removesuffix(".mp4"): each["drm_label"] for each in fields}
    assert labels["video/h264-180p"] == labels["video/av1-180p"] == "SD"
    assert labels["video/h264-720p"] == "HD"
    assert {label for track, label in labels.items() if track.startswith("audio/")} == {"AUDIO"}


def test_labels_of_people_stay_out_of_the_descriptors(plan_of: PlanMaker) -> None:
    plan = plan_of(DrmScheme.CBCS)
    hostile = plan.audio[0].model_copy(update={"label": "x,skip_encryption=1"})
    changed = plan.model_copy(update={"audio": (hostile, *plan.audio[1:])})
    assert arguments(changed, "en") == arguments(plan, "en")


@pytest.mark.parametrize(("rate", "gop"), [("24000/1001", 48), ("30000/1001", 120), ("24", 50), ("25", 50)])
def test_the_segment_target_never_exceeds_the_grid(plan_of: PlanMaker, rate: str, gop: int) -> None:
    plan = plan_of(DrmScheme.NONE)
    grid = plan.grid.model_copy(update={"frame_rate": Fraction(rate), "gop_frames": gop})
    command = arguments(plan.model_copy(update={"grid": grid}), "en")
    target = Fraction(next(flag for flag in command if flag.startswith("--segment_duration=")).split("=")[1])
    assert grid.segment_s - Fraction(1, 1_000_000) < target <= grid.segment_s


def test_the_flag_file_holds_each_key_once() -> None:
    keys = new_keys([TrackType.SD, TrackType.AUDIO])
    text = flag_file(keys).decode()
    assert text.startswith("--keys=label=AUDIO:")
    assert text.count("\n") == 1
    for track, key in keys.items():
        assert f"label={track.value}:key_id={key.kid}:key={key.reveal().hex()}" in text


def test_the_keys_must_be_exactly_those_of_the_plan(plan_of: PlanMaker) -> None:
    plan = plan_of(DrmScheme.CENC)
    needed = protected_types(plan)
    assert needed == {TrackType.AUDIO, TrackType.SD, TrackType.HD}
    keys = new_keys(needed)
    require_keys(plan, keys)
    shared = {track: new_key(TrackType.SD) for track in needed}
    shared[TrackType.HD] = shared[TrackType.SD]
    for wrong in ({}, {**keys, TrackType.UHD: new_key(TrackType.UHD)}, {TrackType.SD: keys[TrackType.SD]}, shared):
        with pytest.raises(InvalidInput, match="content keys"):
            require_keys(plan, wrong)
    with pytest.raises(InvalidInput):
        require_keys(plan_of(DrmScheme.NONE), keys)
