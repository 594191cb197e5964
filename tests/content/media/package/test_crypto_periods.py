"""Keys that change within a track: each opens its own segments, and players get past every change."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from marquee.content.media.package.check import check
from marquee.content.media.package.layout import tracks
from marquee.content.media.package.play import check_plays, chromium
from marquee.content.media.package.round_trip import check_round_trip
from marquee.content.media.package.segments import read_init, read_segment
from marquee.contracts.errors import GateFailed
from marquee.contracts.keys import TrackType
from marquee.contracts.plan import DrmScheme
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

Packaged = Any
SCHEMES = [DrmScheme.CBCS, DrmScheme.CENC]
SD, SOUND, OPUS = "video/h264-180p", "audio/en-aac-stereo", "audio/en-opus-stereo"
OTHERS = {"video/av1-180p", "video/vp9-180p-2"}
PLAYLIST, IFRAMES = "hls/video-h264-180p.m3u8", "hls/video-h264-180p-iframes.m3u8"


def gate(release: Packaged) -> None:
    check(release.folder, release.plan, keys=release.keys, thumbnails=release.thumbnails)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_segment_says_the_key_of_its_period(packaged: Callable[..., Packaged], scheme: DrmScheme) -> None:
    release = packaged(scheme, 1)
    gate(release)
    keys = [key for first in release.keys.values() for key in first.periods]
    assert len({key.reveal() for key in keys}) == len(keys) == 3 * 3
    for track in tracks(release.plan):
        init = read_init(release.folder / track.folder / "init.mp4")
        said = [read_segment(path, init).group for path in track.segments(release.folder)]
        first, *later = release.keys[track.protection].periods
        assert init.kid == first.kid
        assert said == ["", *(key.kid for key in later)]


def packets(path: Path) -> bytes:
    return run([ffmpeg(), "-v", "error", "-i", str(path), "-c", "copy", "-f", "streamhash", "-"], timeout_s=60).stdout


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_period_opens_with_its_key_and_no_other(
    packaged: Callable[..., Packaged], scheme: DrmScheme, sources: Path, tmp_path: Path
) -> None:
    release = packaged(scheme, 1)
    opened = {each.folder: each for each in tracks(release.plan) if each.folder in {SD, SOUND, OPUS}}
    for folder, track in opened.items():
        frames = release.plan.picture.frames if track.kind == "video" else None
        check_round_trip(release.folder, track, scheme, release.keys, tmp_path, frames=frames, duration_s=6)
        assert packets(tmp_path / "clear.mp4") == packets(sources / f"{folder}.mp4")
    first = release.keys[TrackType.SD]
    keys = {**release.keys, TrackType.SD: first.followed_by([first.later[0], replaced(first.later[1])])}
    with pytest.raises(GateFailed, match=r"does not open or decode|wrong number|complains"):
        check_round_trip(release.folder, opened[SD], scheme, keys, tmp_path, frames=144, duration_s=6)


def replaced(key: Any) -> Any:
    """The same id with another key."""
    return type(key)(key.kid, key.track, bytes(byte ^ 1 for byte in key.reveal()))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_browser_plays_over_every_change(packaged: Callable[..., Packaged], scheme: DrmScheme) -> None:
    if shutil.which("chromium") is None:
        pytest.skip("needs Chromium")
    release = packaged(scheme, 1)
    with chromium() as browser:
        for track in tracks(release.plan):
            if track.folder in ({SD} if scheme is DrmScheme.CENC else {SD, SOUND, *OTHERS}):
                assert check_plays(browser, release.folder, track, scheme, release.keys), track.folder
        first = release.keys[TrackType.SD]
        keys = {**release.keys, TrackType.SD: first.followed_by(map(replaced, first.later))}
        with pytest.raises(GateFailed, match="does not play"):
            check_plays(browser, release.folder, tracks(release.plan)[0], scheme, keys)
