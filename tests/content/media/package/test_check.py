"""The gate passes what was packaged and names the file of every kind of tampering."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from marquee.content.media.package.check import check
from marquee.content.media.package.command import arguments, flag_file
from marquee.contracts.errors import GateFailed
from marquee.contracts.plan import DrmScheme
from marquee.tools.process import run

Packaged = Any
CBCS, CENC, NONE = DrmScheme.CBCS, DrmScheme.CENC, DrmScheme.NONE
SD, HD, AV1, SOUND = "video/h264-180p", "video/h264-720p", "video/av1-180p", "audio/en-aac-stereo"
MPD, MASTER, PLAYLIST = "dash/manifest.mpd", "hls/master.m3u8", "hls/video-h264-180p.m3u8"


def gate(release: Packaged) -> None:
    check(release.folder, release.plan, keys=release.keys, thumbnails=release.thumbnails)


@pytest.mark.parametrize("scheme", [DrmScheme.CBCS, DrmScheme.CENC, DrmScheme.NONE])
def test_what_was_packaged_passes(packaged: Callable[[DrmScheme], Packaged], scheme: DrmScheme) -> None:
    gate(packaged(scheme))


def edit(path: str, old: str, new: str) -> Callable[[Packaged], None]:
    return lambda release: release.edit(path, old, new)


def remove(path: str) -> Callable[[Packaged], None]:
    return lambda release: (release.folder / path).unlink()


def copy(source: str, target: str) -> Callable[[Packaged], None]:
    return lambda release: shutil.copyfile(release.folder / source, release.folder / target)


def bytes_of(path: str, old: bytes, new: bytes) -> Callable[[Packaged], None]:
    def change(release: Packaged) -> None:
        content = (release.folder / path).read_bytes()
        assert old in content
        (release.folder / path).write_bytes(content.replace(old, new))

    return change


def drop_line(path: str, word: str) -> Callable[[Packaged], None]:
    def change(release: Packaged) -> None:
        lines = release.read(path).splitlines(keepends=True)
        kept = [line for line in lines if word not in line]
        assert len(kept) < len(lines)
        (release.folder / path).write_text("".join(kept))

    return change


def swap(first: str, second: str) -> Callable[[Packaged], None]:
    def change(release: Packaged) -> None:
        a, b = ((release.folder / path).read_bytes() for path in (first, second))
        (release.folder / first).write_bytes(b)
        (release.folder / second).write_bytes(a)

    return change


def other_key(before: str) -> Callable[[Packaged], None]:
    """The key id of the HD tracks where that of the SD tracks belongs."""

    def change(release: Packaged) -> None:
        right, wrong = (release.keys[track].kid for track in ("SD", "HD"))
        release.edit(PLAYLIST, f"{before}{right}", f"{before}{wrong}")

    return change


def shrink(path: str) -> Callable[[Packaged], None]:
    return lambda release: Image.new("RGB", (80, 46)).save(release.folder / path)


FAIRPLAY = '#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"\n#EXT-X-MAP'
TFHD = b"tfhd\0\2\0\x0a\0\0\0\1\0\0\0\1"  # track 1, sample entry 1
TAMPERINGS = {
    "missing segment": (CBCS, remove(f"{SD}/2.m4s"), f"{SD}/2.m4s"),
    "missing init": (CBCS, remove(f"{SOUND}/init.mp4"), f"{SOUND}/init.mp4"),
    "missing playlist": (CBCS, remove(PLAYLIST), PLAYLIST),
    "missing master": (CBCS, remove(MASTER), MASTER),
    "missing subtitles": (CBCS, remove("text/fr/fr.vtt"), "text/fr/fr.vtt"),
    "missing sheet": (CBCS, remove("thumbs/2.jpg"), "thumbs/2.jpg"),
    "missing thumbnail track": (CBCS, remove("thumbs/thumbnails.vtt"), "thumbs/thumbnails.vtt"),
    "stray file": (CBCS, copy(f"{SD}/1.m4s", f"{SD}/99.m4s"), f"{SD}/99.m4s"),
    "truncated segment": (CBCS, lambda r: (r.folder / f"{HD}/1.m4s").write_bytes(b"\0\0\1\0moof"), f"{HD}/1.m4s"),
    "segment of nothing": (CBCS, lambda r: (r.folder / f"{HD}/1.m4s").write_bytes(b""), f"{HD}/1.m4s"),
    "no encryption information": (CBCS, bytes_of(f"{SD}/3.m4s", b"senc", b"free"), f"{SD}/3.m4s"),
    "no encryption information on sound": (CENC, bytes_of(f"{SOUND}/1.m4s", b"senc", b"free"), f"{SOUND}/1.m4s"),
    "clear sample entry": (CBCS, bytes_of(f"{SD}/init.mp4", b"encv", b"avc1"), f"{SD}/init.mp4"),
    "other scheme in the track": (CBCS, bytes_of(f"{AV1}/init.mp4", b"cbcs", b"cenc"), f"{AV1}/init.mp4"),
    "key of another type": (CBCS, copy(f"{AV1}/init.mp4", f"{HD}/init.mp4"), f"{HD}/init.mp4"),
    "samples of another entry": (CBCS, bytes_of(f"{SD}/2.m4s", TFHD, TFHD[:-1] + b"\2"), f"{SD}/2.m4s"),
    "a group of clear samples": (CBCS, bytes_of(f"{SOUND}/2.m4s", b"roll", b"seig"), f"{SOUND}/2.m4s"),
    "segments out of order": (CBCS, swap(f"{SD}/1.m4s", f"{SD}/2.m4s"), f"{SD}/1.m4s"),
    "rendition not in HLS": (CBCS, drop_line(MASTER, "video-h264-720p"), "hls/video-h264-720p-iframes.m3u8"),
    "subtitles not in HLS": (CBCS, drop_line(MASTER, "text-fr.m3u8"), "hls/text-fr.m3u8"),
    "I-frames not in HLS": (CBCS, drop_line(MASTER, "h264-720p-iframes"), "hls/video-h264-720p-iframes.m3u8"),
    "thumbnails not in HLS": (CBCS, drop_line(MASTER, "IMAGE-STREAM"), "hls/thumbs.m3u8"),
    "odd codecs in HLS": (CBCS, edit(MASTER, 'CODECS="av01', 'CODECS="opus'), MASTER),
    "wrong resolution": (CBCS, edit(MASTER, "1280x720", "1920x1080"), MASTER),
    "wrong duration in HLS": (CBCS, edit(PLAYLIST, "#EXTINF:2.002000", "#EXTINF:2.002010"), PLAYLIST),
    "open playlist": (CBCS, edit(PLAYLIST, "#EXT-X-ENDLIST", ""), PLAYLIST),
    "address out of the release": (CBCS, edit(PLAYLIST, "../video/h264-180p/2", "../../../etc/2"), PLAYLIST),
    "address of another host": (CBCS, edit(PLAYLIST, "../video/h264-180p/2", "http://x/2"), PLAYLIST),
    "no Widevine tag": (CBCS, drop_line(PLAYLIST, "edef8ba9"), PLAYLIST),
    "no key tags": (CBCS, drop_line(PLAYLIST, "#EXT-X-KEY"), PLAYLIST),
    "no key tags on I-frames": (
        CBCS,
        drop_line("hls/video-h264-720p-iframes.m3u8", "#EXT-X-KEY"),
        "hls/video-h264-720p-iframes.m3u8",
    ),
    "another key in an identity tag": (CBCS, other_key('"/v1/licences/keys/'), PLAYLIST),
    "another key in a Widevine tag": (CBCS, other_key("KEYID=0x"), PLAYLIST),
    "another key in a FairPlay tag": (CBCS, other_key('"skd://'), PLAYLIST),
    "FairPlay under cenc": (CENC, edit(PLAYLIST, "#EXT-X-MAP", FAIRPLAY), PLAYLIST),
    "method of the other scheme": (CENC, edit(PLAYLIST, "METHOD=SAMPLE-AES-CTR", "METHOD=SAMPLE-AES"), PLAYLIST),
    "key tag in the clear": (NONE, edit(PLAYLIST, "#EXT-X-MAP", FAIRPLAY), PLAYLIST),
    "no ClearKey in DASH": (CBCS, edit(MPD, "e2719d58", "e2719d59"), MPD),
    "other scheme in DASH": (CBCS, edit(MPD, 'value="cbcs"', 'value="cenc"'), MPD),
    "other key in DASH": (CBCS, edit(MPD, 'default_KID="', 'default_KID="0'), MPD),
    "odd codecs in DASH": (CBCS, edit(MPD, "av01", "hvc1"), MPD),
    "wrong timeline in DASH": (CBCS, edit(MPD, 'd="48048"', 'd="49048"'), MPD),
    "dynamic manifest": (CBCS, edit(MPD, 'type="static"', 'type="dynamic"'), MPD),
    "subtitles not in DASH": (CBCS, edit(MPD, "../text/fr/fr.vtt", "../text/en/en.vtt"), "text/fr/fr.vtt"),
    "rendition not in DASH": (CBCS, edit(MPD, "../video/av1-180p/$Number$", "../video/h264-180p/$Number$"), None),
    "broken XML": (CBCS, edit(MPD, "</Period>", ""), MPD),
    "a DTD": (CBCS, edit(MPD, "<MPD", '<!DOCTYPE x [<!ENTITY a "b">]><MPD'), MPD),
    "sheet of another size": (CBCS, shrink("thumbs/1.jpg"), "thumbs/1.jpg"),
    "sheet that is no picture": (CBCS, copy("thumbs/thumbnails.vtt", "thumbs/1.jpg"), "thumbs/1.jpg"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_named(copy_of: Callable[[DrmScheme], Packaged], name: str) -> None:
    scheme, tamper, where = TAMPERINGS[name]
    release = copy_of(scheme)
    tamper(release)
    with pytest.raises(GateFailed) as caught:
        gate(release)
    if where is not None:
        assert caught.value.where.endswith(where)


@pytest.mark.parametrize("scheme", [CBCS, CENC])
@pytest.mark.parametrize("track", [SD, AV1, SOUND])
def test_one_clear_segment_is_found(
    copy_of: Callable[[DrmScheme], Packaged], packaged: Callable[[DrmScheme], Packaged], scheme: DrmScheme, track: str
) -> None:
    release = copy_of(scheme)
    shutil.copyfile(packaged(NONE).folder / track / "2.m4s", release.folder / track / "2.m4s")
    with pytest.raises(GateFailed, match="encrypted samples") as caught:
        gate(release)
    assert caught.value.where == f"{track}/2.m4s"


def test_an_encrypted_segment_has_no_place_in_a_clear_release(
    copy_of: Callable[[DrmScheme], Packaged], packaged: Callable[[DrmScheme], Packaged]
) -> None:
    release = copy_of(NONE)
    for name in ("init.mp4", "1.m4s", "2.m4s", "3.m4s"):
        shutil.copyfile(packaged(CBCS).folder / SD / name, release.folder / SD / name)
    with pytest.raises(GateFailed, match="protection"):
        gate(release)


@pytest.mark.parametrize("scheme", [CBCS, CENC])
def test_packagers_own_clear_lead_is_found(
    copy_of: Callable[[DrmScheme], Packaged], work_for: Any, tmp_path: Path, scheme: DrmScheme
) -> None:
    """The real thing: Packager's default leaves the first seconds of an encrypted track in the clear."""
    release = copy_of(scheme)
    store = work_for(release.plan)
    (tmp_path / "lead").mkdir()
    (tmp_path / "lead/in").symlink_to(store.fetch(f"{release.plan.hash}/text/en.vtt").parents[1])
    command = [flag for flag in arguments(release.plan, "en") if flag != "--clear_lead=0"]
    run(command, timeout_s=60, cwd=tmp_path / "lead", secret_input=flag_file(release.keys))
    shutil.copytree(tmp_path / "lead" / SD, release.folder / SD, dirs_exist_ok=True)
    with pytest.raises(GateFailed) as caught:
        gate(release)
    assert caught.value.where.startswith(SD)


def test_keys_of_another_release_do_not_pass(
    packaged: Callable[[DrmScheme], Packaged],
) -> None:
    release, other = packaged(CBCS), packaged(CENC)
    with pytest.raises(GateFailed, match="key id"):
        check(release.folder, release.plan, keys=other.keys, thumbnails=release.thumbnails)
