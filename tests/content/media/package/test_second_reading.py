"""The second reading of a release: by a schema, by parsers that are not ours, by decrypting, decoding, playing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from marquee.content.media.package.layout import tracks
from marquee.content.media.package.play import check_plays, chromium
from marquee.content.media.package.round_trip import check_round_trip
from marquee.content.media.package.second_dash import check_dash, check_schema
from marquee.content.media.package.second_hls import check_hls, peak_rate
from marquee.contracts.errors import GateFailed
from marquee.contracts.keys import ContentKey
from marquee.contracts.plan import DrmScheme
from tests.plugin_browser import needs_chromium

Packaged = Any
CopyOf = Callable[[DrmScheme], Packaged]
MPD, MASTER = "dash/manifest.mpd", "hls/master.m3u8"
VIDEO = "hls/video-h264-180p.m3u8"


@pytest.mark.parametrize("scheme", [DrmScheme.CBCS, DrmScheme.CENC, DrmScheme.NONE])
def test_a_release_passes_and_both_manifests_name_the_same_media(packaged: CopyOf, scheme: DrmScheme) -> None:
    release = packaged(scheme).folder
    check_schema(release)
    by_dash, by_hls = check_dash(release), check_hls(release)
    assert by_dash == {path for path in by_hls if path.startswith(("video/", "audio/"))}
    assert by_dash == {p.relative_to(release).as_posix() for p in release.rglob("*.m[p4][4s]*") if p.is_file()}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('minBufferTime="', 'maxBufferTime="', "maxBufferTime"),
        ('bandwidth="', 'bandwith="', "bandwith"),
        ('contentType="audio"', 'contentType="sound"', "contentType"),
        ('frameRate="24000/1001"', 'frameRate="23.976"', "frameRate"),
        ('mediaPresentationDuration="PT', 'mediaPresentationDuration="', "mediaPresentationDuration"),
        ('lang="fr"', 'lang="français"', "lang"),
        ("<SegmentTimeline>", "<SegmentTimeline><X/>", "X"),
        ('<Role schemeIdUri="', '<Role href="', "Role"),
        ('<S t="0" d="', '<S t="0" d="-', "attribute 'd'"),
    ],
)
def test_the_schema_finds_what_breaks_it(copy_of: CopyOf, old: str, new: str, said: str) -> None:
    release = copy_of(DrmScheme.CBCS)
    release.edit(MPD, old, new)
    with pytest.raises(GateFailed, match=f"schema.*{said}"):
        check_schema(release.folder)


def test_elements_out_of_order_break_the_schema(copy_of: CopyOf) -> None:
    release = copy_of(DrmScheme.CBCS)
    release.edit(MPD, "<Label>Français</Label>", "")
    release.edit(MPD, '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="dub" />',
                 '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="dub" /><Label>Français</Label>')  # fmt: skip
    with pytest.raises(GateFailed, match="Label"):
        check_schema(release.folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('r="2"', 'r="3"', "4.m4s"),
        ('r="2"', 'r="1"', "another length"),
        ("video/h264-720p/$Number$", "video/h264-721p/$Number$", "h264-721p"),
        ("<MPD", "<MPDX", "mpegdash"),
    ],
)
def test_another_parser_finds_what_is_not_there(copy_of: CopyOf, old: str, new: str, said: str) -> None:
    release = copy_of(DrmScheme.CBCS)
    release.edit(MPD, old, new)
    with pytest.raises(GateFailed, match=said):
        check_dash(release.folder)


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (MASTER, "#EXT-X-INDEPENDENT-SEGMENTS\n", "", "independent"),
        (MASTER, 'NAME="Français"', 'NAME="English"', "a name twice"),
        (MASTER, 'NAME="Français",DEFAULT=NO', 'NAME="Français",DEFAULT=YES', "several defaults"),
        (MASTER, "DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO", "not chosen by itself"),
        (MASTER, ",FRAME-RATE=23.976", "", "lacks attributes.*frame_rate"),
        (MASTER, 'AUDIO="aac-2",CLOSED', 'AUDIO="aac-9",CLOSED', "not there.*aac-9"),
        (MASTER, "video-h264-180p.m3u8", "video-h264-181p.m3u8", "not there"),
        (MASTER, "AVERAGE-BANDWIDTH=", "AVERAGE-BANDWIDTH=9", "above the peak"),
        (VIDEO, "#EXT-X-ENDLIST", "", "no finished playlist"),
        (VIDEO, "#EXT-X-TARGETDURATION:3", "#EXT-X-TARGETDURATION:1", "above the target"),
        (VIDEO, "#EXT-X-VERSION:6", "#EXT-X-VERSION:4", "too low a version"),
        (VIDEO, "#EXTINF:2.002000,\n../video/h264-180p/3.m4s\n", "", "differ in length"),
        (VIDEO, "#EXTM3U\n", "\n#EXTM3U\n", "does not begin"),
    ],
)
def test_the_rules_of_hls_are_held_to(copy_of: CopyOf, path: str, old: str, new: str, said: str) -> None:
    release = copy_of(DrmScheme.CBCS)
    release.edit(path, old, new)
    with pytest.raises(GateFailed, match=said):
        check_hls(release.folder)


def test_a_bandwidth_below_the_segments_peak_is_found(copy_of: CopyOf) -> None:
    release = copy_of(DrmScheme.CBCS)
    said = re.search(r"BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+", release.read(MASTER))
    assert said
    release.edit(MASTER, said[0], "BANDWIDTH=10,AVERAGE-BANDWIDTH=9")
    with pytest.raises(GateFailed, match="below the peak"):
        check_hls(release.folder)


def test_a_last_segment_of_a_few_frames_is_no_peak() -> None:
    assert peak_rate([4, 4, 0.08], [500, 400, 90], target_s=4) == 1000
    assert peak_rate([4, 4, 2], [500, 400, 300], target_s=4) == 1200
    assert peak_rate([1.5], [300], target_s=4) == 1600


def other(key: ContentKey) -> ContentKey:
    return ContentKey(key.kid, key.track, bytes(byte ^ 1 for byte in key.reveal()))


@pytest.mark.parametrize("scheme", [DrmScheme.CBCS, DrmScheme.CENC, DrmScheme.NONE])
def test_every_track_opens_with_its_key_and_decodes(packaged: CopyOf, tmp_path: Path, scheme: DrmScheme) -> None:
    release = packaged(scheme)
    for track in tracks(release.plan):
        frames = release.plan.picture.frames if track.kind == "video" else None
        check_round_trip(release.folder, track, scheme, release.keys, tmp_path, frames=frames, duration_s=6)


def test_a_wrong_key_a_lost_frame_and_a_cut_file_do_not(copy_of: CopyOf, tmp_path: Path) -> None:
    release = copy_of(DrmScheme.CBCS)
    every, scratch = tracks(release.plan), tmp_path / "scratch"
    scratch.mkdir()
    terms = {"frames": None, "duration_s": 6}
    wrong = {track: other(key) for track, key in release.keys.items()}
    for track in (every[0], every[-1]):
        with pytest.raises(GateFailed, match="does not open or decode"):
            check_round_trip(release.folder, track, DrmScheme.CBCS, wrong, scratch, **terms)
    with pytest.raises(GateFailed, match=r"frames.*145.*144"):
        check_round_trip(release.folder, every[0], DrmScheme.CBCS, release.keys, scratch, frames=145, duration_s=6)
    last = every[0].segments(release.folder)[-1]
    last.write_bytes(last.read_bytes()[:-2000])
    with pytest.raises(GateFailed):
        check_round_trip(release.folder, every[0], DrmScheme.CBCS, release.keys, scratch, frames=144, duration_s=6)


@needs_chromium
def test_tracks_play_in_chromium_and_not_with_a_wrong_key(packaged: CopyOf) -> None:
    with chromium() as browser:
        for scheme, first in ((DrmScheme.CBCS, 0), (DrmScheme.CENC, 2)):  # H.264, AV1, and sound under both
            release = packaged(scheme)
            for track in tracks(release.plan)[first:4]:
                assert check_plays(browser, release.folder, track, scheme, release.keys)
        release = packaged(DrmScheme.CENC)
        wrong = {track: other(key) for track, key in release.keys.items()}
        with pytest.raises(GateFailed, match="does not play"):
            check_plays(browser, release.folder, tracks(release.plan)[0], DrmScheme.CENC, wrong)
