"""release.json: every file with its hash, rates as measured, key ids and never keys."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from marquee.content.media.package.inventory import inventory
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import DrmScheme
from marquee.contracts.release import Release, VideoMeasure
from marquee.storage import file_sha256

Packaged = Any
MEASURE = VideoMeasure(frames=144, vmaf_mean=94.5, vmaf_p5=90)
NAMES = ("h264-180p", "h264-720p", "av1-180p", "vp9-180p-2")


def describe(release: Packaged, *names: str) -> Release:
    return inventory(
        release.folder,
        release.plan,
        keys=release.keys,
        measures=dict.fromkeys(names or NAMES, MEASURE),
        release_id=2,
        title_id=1,
        slug="film",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_every_file_is_listed_with_its_hash_and_size(packaged: Callable[[DrmScheme], Packaged]) -> None:
    folder = packaged(DrmScheme.CBCS).folder
    listed = {file.path: file for file in describe(packaged(DrmScheme.CBCS)).files}
    present = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert set(listed) == set(present)
    assert all(file_sha256(path) == listed[name].sha256 for name, path in present.items())
    assert all(path.stat().st_size == listed[name].size for name, path in present.items())


def test_named_places_exist(packaged: Callable[[DrmScheme], Packaged]) -> None:
    release = describe(packaged(DrmScheme.CBCS))
    paths = {file.path for file in release.files}
    assert {release.dash, release.hls, release.thumbnails, *(text.path for text in release.text)} <= paths


def test_rates_are_those_of_the_segments(packaged: Callable[[DrmScheme], Packaged]) -> None:
    made = packaged(DrmScheme.CBCS)
    for video in describe(made).video:
        sizes = [path.stat().st_size for path in (made.folder / "video" / video.name).glob("*.m4s")]
        assert video.bitrate_avg == pytest.approx(sum(sizes) * 8 / made.plan.duration_s, rel=1e-4)
        assert video.bitrate_peak == pytest.approx(max(sizes) * 8 / float(made.plan.grid.segment_s), rel=1e-4)
        assert video.bitrate_peak >= video.bitrate_avg


def test_key_ids_are_there_and_keys_are_not(packaged: Callable[[DrmScheme], Packaged]) -> None:
    made = packaged(DrmScheme.CBCS)
    release = describe(made)
    kids = {track.value: key.kid for track, key in made.keys.items()}
    assert [video.kid for video in release.video] == [kids[each] for each in ("SD", "HD", "SD", "SD")]
    assert {audio.kid for audio in release.audio} == {kids["AUDIO"]}
    assert not any(key.reveal().hex() in release.model_dump_json() for key in made.keys.values())


def test_in_the_clear_there_are_no_key_ids(packaged: Callable[[DrmScheme], Packaged]) -> None:
    release = describe(packaged(DrmScheme.NONE))
    assert {track.kid for track in (*release.video, *release.audio)} == {None}


def test_cues_are_counted_and_the_document_round_trips(packaged: Callable[[DrmScheme], Packaged]) -> None:
    release = describe(packaged(DrmScheme.CBCS))
    assert [text.cues for text in release.text] == [2, 2, 2, 2]
    assert Release.model_validate_json(release.model_dump_json()) == release


def test_a_rung_without_measures_is_refused(packaged: Callable[[DrmScheme], Packaged]) -> None:
    with pytest.raises(InvalidInput, match="av1-180p"):
        describe(packaged(DrmScheme.CBCS), "h264-180p", "h264-720p")
