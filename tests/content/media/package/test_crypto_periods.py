"""Keys that change within a track: each opens its own segments, and players get past every change."""

import re
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
from tests.plugin_browser import needs_chromium

Packaged = Any
SCHEMES = [DrmScheme.CBCS, DrmScheme.CENC]
SD, SOUND, OPUS = "video/h264-180p", "audio/en-aac-stereo", "audio/en-opus-stereo"
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


@needs_chromium
def test_a_browser_plays_over_every_change(packaged: Callable[..., Packaged]) -> None:
    """Without a player, under cbcs; test_play has a player, and cenc too."""
    release, scheme = packaged(DrmScheme.CBCS, 1), DrmScheme.CBCS
    with chromium() as browser:
        for track in tracks(release.plan):
            if track.folder in {SD, SOUND}:
                assert check_plays(browser, release.folder, track, scheme, release.keys), track.folder
        first = release.keys[TrackType.SD]
        keys = {**release.keys, TrackType.SD: first.followed_by(map(replaced, first.later))}
        with pytest.raises(GateFailed, match="does not play"):
            check_plays(browser, release.folder, tracks(release.plan)[0], scheme, keys)


def swapped_keys(release: Packaged) -> None:
    _, second, third = (key.kid for key in release.keys[TrackType.SD].periods)
    text = release.read(PLAYLIST)
    text = text.replace(f"keys/{second}", "keys/-").replace(f"keys/{third}", f"keys/{second}")
    (release.folder / PLAYLIST).write_text(text.replace("keys/-", f"keys/{third}"))


def another_group(release: Packaged) -> None:
    path, (_, second, third) = release.folder / SD / "2.m4s", release.keys[TrackType.SD].periods
    path.write_bytes(path.read_bytes().replace(bytes.fromhex(second.kid), bytes.fromhex(third.kid)))


def another_start(release: Packaged) -> None:
    shutil.copyfile(release.folder / SD / "init-2.mp4", release.folder / SD / "init-1.mp4")


def short_range(release: Packaged) -> None:
    text = release.read(IFRAMES)
    (release.folder / IFRAMES).write_text(re.sub(r"BYTERANGE:\d+", "BYTERANGE:99", text))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (swapped_keys, "another key or method"),
        (another_group, "wrong key of its own"),
        (another_start, r"init-1\.mp4: wrong key id"),
        (short_range, "not the range of an I-frame"),
        (lambda r: r.edit(PLAYLIST, "init-1.mp4", "init.mp4"), "other initialisation segments"),
        (lambda r: (r.folder / SD / "init-2.mp4").unlink(), "init-2.mp4"),
    ],
)
def test_what_is_amiss_with_a_period_is_named(
    copy_of: Callable[..., Packaged], change: Callable[[Packaged], None], said: str
) -> None:
    release = copy_of(DrmScheme.CBCS, 1)
    change(release)
    with pytest.raises(GateFailed, match=said):
        gate(release)
