"""What a packaged release says of itself: tracks, languages, key systems, subtitles, thumbnails."""

import base64
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymp4.parser import MP4  # type: ignore[import-untyped]

from marquee.content.media.audio import check_track
from marquee.content.media.package import dash
from marquee.content.media.package.build import Addresses, package
from marquee.content.media.package.check_tracks import SYSTEMS
from marquee.content.media.package.command import decryption, flag_file
from marquee.content.media.package.hls_master import master
from marquee.content.media.package.hls_media import durations
from marquee.content.media.package.layout import audio_track
from marquee.content.media.package.thumbnails import require_cover, webvtt
from marquee.contracts.errors import InvalidInput, NotFound, ToolFailed
from marquee.contracts.keys import TrackType
from marquee.contracts.plan import AudioCodec, DrmScheme
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.hls import Tag, tags
from marquee.tools.process import run
from tests.content.drm.messages import read
from tests.content.media.package.conftest import made_in

Packaged = Any
ENCRYPTED = [DrmScheme.CBCS, DrmScheme.CENC]
q = dash.q


def media(release: Packaged, kind: str) -> list[Tag]:
    found = tags(release.read("hls/master.m3u8").splitlines(), "EXT-X-MEDIA")
    return [tag for tag in found if tag["TYPE"] == kind]


def sets(release: Packaged, content: str) -> list[Any]:
    root = dash.parse(release.read("dash/manifest.mpd"))
    return [each for each in root.iter(q("AdaptationSet")) if each.get("contentType") == content]


def test_the_layout_is_that_of_a_release(packaged: Callable[[DrmScheme], Packaged]) -> None:
    folder = packaged(DrmScheme.CBCS).folder
    assert sorted(p.name for p in folder.iterdir()) == ["audio", "dash", "hls", "text", "thumbs", "video"]
    assert sorted(p.name for p in (folder / "video").iterdir()) == [
        "av1-180p",
        "h264-180p",
        "h264-720p",
        "vp9-180p-2",
    ]
    assert sorted(p.name for p in (folder / "video/h264-720p").iterdir()) == ["1.m4s", "2.m4s", "3.m4s", "init.mp4"]


def test_all_playlists_end_with_the_programme(packaged: Callable[[DrmScheme], Packaged]) -> None:
    """A player that takes one track's end for the programme's never sees the end of a track that says less."""
    release = packaged(DrmScheme.CBCS)
    playlists = [path for path in (release.folder / "hls").glob("*.m3u8") if path.name != "master.m3u8"]
    ends = {path.name: sum(durations(path.read_text())) for path in playlists}
    assert len(ends) > 10
    assert ends == pytest.approx(dict.fromkeys(ends, release.plan.duration_s), abs=1e-6)


@pytest.mark.parametrize("scheme", ENCRYPTED)
def test_an_independent_reader_finds_the_keys_in_our_boxes(
    packaged: Callable[[DrmScheme], Packaged], scheme: DrmScheme
) -> None:
    release = packaged(scheme)
    content = (release.folder / "video/h264-720p/init.mp4").read_bytes()
    boxes = {
        box.system_ID: box
        for top in MP4.parse(content)
        if top.type == b"moov"
        for box in top.children
        if box.type == b"pssh"
    }
    kid = bytes.fromhex(release.keys[TrackType.HD].kid)
    assert {uuid.UUID(system) for system in SYSTEMS.values()} == set(boxes)
    assert kid in read("PsshData", boxes[uuid.UUID(SYSTEMS["Widevine"])].init_data).key_ids
    assert uuid.UUID(bytes=kid) in boxes[uuid.UUID(SYSTEMS["common"])].key_IDs
    in_playready = boxes[uuid.UUID(SYSTEMS["PlayReady"])].init_data.decode("utf-16-le", "ignore")
    assert base64.b64encode(uuid.UUID(bytes=kid).bytes_le).decode() in in_playready


def test_manifests_hold_no_path_of_this_machine_and_no_absolute_address(
    packaged: Callable[[DrmScheme], Packaged],
) -> None:
    release = packaged(DrmScheme.CBCS)
    for path in [*release.folder.glob("hls/*"), *release.folder.glob("dash/*")]:
        text = path.read_text()
        assert str(release.folder) not in text
        addresses = re.findall(r'(?:URI|media|initialization)="([^"]*)"', text)
        assert not [a for a in addresses if a.startswith(("http:", "https:", "file:"))]


def test_audio_has_one_default_a_label_and_its_purpose(packaged: Callable[[DrmScheme], Packaged]) -> None:
    found = media(packaged(DrmScheme.CBCS), "AUDIO")
    for group in ("aac-2", "aac-6", "eac3-6", "opus-2"):
        members = [tag for tag in found if tag["GROUP-ID"] == group]
        assert [tag["NAME"] for tag in members if tag["DEFAULT"] == "YES"] == ["English"]
        assert members[0]["DEFAULT"] == "YES"  # players that look at the order only
        assert {tag["LANGUAGE"] for tag in members} == {"en", "fr"}
        assert len({tag["NAME"] for tag in members}) == len(members) == 4
        assert {tag["NAME"]: tag["CHARACTERISTICS"] for tag in members if tag["CHARACTERISTICS"]} == {
            "English, 'described', a=b": "public.accessibility.describes-video",
            "English, clear speech": "public.accessibility.enhances-speech-intelligibility",
        }


def test_variants_name_the_codecs_of_borrowed_sound(packaged: Callable[[DrmScheme], Packaged]) -> None:
    """A group without a language of its own has it in AAC: a player must know before it chooses the variant."""
    release = packaged(DrmScheme.CBCS)
    variants = tags(release.read("hls/master.m3u8").splitlines(), "EXT-X-STREAM-INF")
    heard = {tag["AUDIO"]: tag["CODECS"].split(",")[1:] for tag in variants}
    assert heard == {
        "aac-2": ["mp4a.40.2"],
        "aac-6": ["mp4a.40.2"],
        "eac3-6": ["ec-3", "mp4a.40.2"],
        "opus-2": ["opus", "mp4a.40.2"],
    }
    assert len(variants) == len(release.plan.rungs) * len(heard)


def test_the_default_language_is_the_one_asked_for(
    tmp_path: Path, plan_of: Any, work_for: Any, thumbnails: Any
) -> None:
    plan = plan_of(DrmScheme.NONE)
    french = plan.audio[3].model_copy(update={"role": "main"})
    plan = plan.model_copy(update={"audio": (*plan.audio[:3], french), "text": ()})
    store = work_for(plan)
    with pytest.raises(NotFound):
        package(plan, made_in(plan, store), tmp_path, keys={}, thumbnails=thumbnails, default_language="fr")
    store.put(f"{plan.hash}/audio/{french.name}.mp4", store.fetch(f"{plan.hash}/audio/en-aac-stereo.mp4"))
    folder = package(plan, made_in(plan, store), tmp_path, keys={}, thumbnails=thumbnails, default_language="fr")
    master = (folder / "hls/master.m3u8").read_text()
    defaults = [tag["LANGUAGE"] for tag in tags(master.splitlines(), "EXT-X-MEDIA") if tag["DEFAULT"] == "YES"]
    assert defaults == ["fr", "fr"]
    assert "SUBTITLES" not in master


def test_a_silent_film_without_text_is_packaged(tmp_path: Path, plan_of: Any, work_for: Any, thumbnails: Any) -> None:
    plan = plan_of(DrmScheme.NONE).model_copy(update={"audio": (), "text": ()})
    folder = package(
        plan, made_in(plan, work_for(plan)), tmp_path, keys={}, thumbnails=thumbnails, default_language="en"
    )
    variants = tags((folder / "hls/master.m3u8").read_text().splitlines(), "EXT-X-STREAM-INF")
    assert len(variants) == len(plan.rungs)
    assert not any(tag["AUDIO"] or "mp4a" in tag["CODECS"] for tag in variants)


@pytest.mark.parametrize(("transfer", "said"), [("bt709", ""), ("smpte2084", "PQ"), ("arib-std-b67", "HLG")])
def test_variants_tell_their_dynamic_range(
    packaged: Callable[[DrmScheme], Packaged], thumbnails: Any, transfer: str, said: str
) -> None:
    """H.264 and VP9 are tone-mapped, and say so beside AV1."""
    release = packaged(DrmScheme.NONE)
    picture = release.plan.picture.model_copy(update={"transfer": transfer, "bit_depth": 10})
    plan = release.plan.model_copy(update={"picture": picture, "audio": ()})
    text = master(release.read("hls/master.m3u8"), plan, "en", thumbnails, 1)
    found = {(tag["CODECS"][:4], tag["VIDEO-RANGE"]) for tag in tags(text.splitlines(), "EXT-X-STREAM-INF")}
    toned = "SDR" if said else ""
    assert found == {("avc1", toned), ("vp09", toned), ("av01", said)}


def test_dash_says_the_same_of_audio(packaged: Callable[[DrmScheme], Packaged]) -> None:
    found = sets(packaged(DrmScheme.CBCS), "audio")
    said = [
        (
            s.get("lang"),
            s.find(q("Role")).get("value"),
            s.findtext(q("Label")),
            [each.get("value") for each in s.findall(q("Accessibility"))],
        )
        for s in found
    ]
    assert said == [
        ("en", "main", "English", []),
        ("en", "main", "English (en-aac-5.1)", []),
        ("en", "main", "English (en-eac3-5.1)", []),
        ("en", "main", "English (en-opus-stereo)", []),
        ("fr", "dub", "Français", []),
        ("en", "description", 'English, "described", a=b', ["1"]),
        ("en", "enhanced-audio-intelligibility", "English, clear speech", ["2"]),
    ]


def test_subtitles_carry_their_kind(packaged: Callable[[DrmScheme], Packaged]) -> None:
    release = packaged(DrmScheme.CBCS)
    by_uri = {tag["URI"]: tag for tag in media(release, "SUBTITLES")}
    # plain ones before the others of their language: native players take the first
    assert list(by_uri) == ["text-en.m3u8", "text-en-sdh.m3u8", "text-en-forced.m3u8", "text-fr.m3u8"]
    assert [uri for uri, tag in by_uri.items() if tag["FORCED"] == "YES"] == ["text-en-forced.m3u8"]
    assert [uri for uri, tag in by_uri.items() if "transcribes-spoken-dialog" in tag["CHARACTERISTICS"]] == [
        "text-en-sdh.m3u8"
    ]
    assert not [tag for tag in by_uri.values() if tag["DEFAULT"] == "YES"]
    roles = [each.find(q("Role")).get("value") for each in sets(release, "text")]
    assert roles == ["subtitle", "caption", "forced-subtitle", "subtitle"]
    assert release.read("text/en/en.vtt").startswith("WEBVTT")


def test_thumbnails_are_told_in_all_three_ways(packaged: Callable[[DrmScheme], Packaged]) -> None:
    release = packaged(DrmScheme.CBCS)
    (images,) = sets(release, "image")
    tiles = images.find(f"{q('Representation')}/{q('EssentialProperty')}")
    assert (tiles.get("schemeIdUri"), tiles.get("value")) == ("http://dashif.org/guidelines/thumbnail_tile", "2x2")
    assert images.find(q("SegmentTemplate")).get("duration") == "4000"
    (stream,) = tags(release.read("hls/master.m3u8").splitlines(), "EXT-X-IMAGE-STREAM-INF")
    assert (stream["URI"], stream["RESOLUTION"]) == ("thumbs.m3u8", "80x46")
    track = release.read("thumbs/thumbnails.vtt")
    assert track.count("-->") == 7  # one a second, six seconds and a little
    assert "00:00:05.000 --> 00:00:06.000\n2.jpg#xywh=80,0,80,46" in track
    assert track.rstrip().endswith("00:00:06.000 --> 00:00:06.006\n2.jpg#xywh=0,46,80,46")


@pytest.mark.parametrize("per_sheet", [1, 3, 7, 100])
@pytest.mark.parametrize("interval_s", [2.002, 4.004, 48 / 23.976, 50 / 24])
def test_a_programme_that_ends_with_a_tile_needs_no_further_one(
    thumbnails: Any, per_sheet: int, interval_s: float
) -> None:
    described = thumbnails.model_copy(update={"columns": per_sheet, "rows": 1, "interval_s": interval_s})
    for sheets in (1, 2, 11):
        duration_s = float(sum([interval_s] * per_sheet * sheets))
        exact = described.model_copy(update={"sheets": ("x",) * sheets})
        require_cover(exact, duration_s)
        assert webvtt(exact, duration_s).count("-->") == per_sheet * sheets
        with pytest.raises(InvalidInput):
            require_cover(exact, duration_s + 0.1)


@pytest.mark.parametrize("scheme", ENCRYPTED)
def test_every_playlist_tells_every_key_system(packaged: Callable[[DrmScheme], Packaged], scheme: DrmScheme) -> None:
    release = packaged(scheme)
    sd = next(key for track, key in release.keys.items() if track == "SD")
    for name in ("hls/video-h264-180p.m3u8", "hls/video-h264-180p-iframes.m3u8", "hls/video-av1-180p.m3u8"):
        found = {tag["KEYFORMAT"]: tag for tag in tags(release.read(name).splitlines(), "EXT-X-KEY")}
        assert {tag["METHOD"] for tag in found.values()} == {
            "SAMPLE-AES" if scheme is DrmScheme.CBCS else "SAMPLE-AES-CTR"
        }
        assert found["identity"]["URI"] == f"/v1/licences/keys/{sd.kid}"
        assert found["urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"]["KEYID"] == f"0x{sd.kid}"
        assert "com.microsoft.playready" in found
        fairplay = found.get("com.apple.streamingkeydelivery")
        assert (fairplay["URI"] if fairplay else None) == (f"skd://{sd.kid}" if scheme is DrmScheme.CBCS else None)


def test_iframe_playlists_are_those_of_h264(packaged: Callable[[DrmScheme], Packaged]) -> None:
    found = tags(packaged(DrmScheme.CBCS).read("hls/master.m3u8").splitlines(), "EXT-X-I-FRAME-STREAM-INF")
    assert [tag["URI"] for tag in found] == ["video-h264-180p-iframes.m3u8", "video-h264-720p-iframes.m3u8"]


def test_addresses_of_key_servers_are_as_given_and_artwork_is_taken_along(
    tmp_path: Path, plan_of: Any, work_for: Any, thumbnails: Any, packaged: Callable[[DrmScheme], Packaged]
) -> None:
    assert "Laurl" not in packaged(DrmScheme.CBCS).read("dash/manifest.mpd")
    plan, keys = plan_of(DrmScheme.CBCS), packaged(DrmScheme.CBCS).keys
    store: Store = work_for(plan)
    poster = tmp_path / "Poster.JPG"
    poster.write_bytes(store.read(f"{plan.hash}/thumbs/first.jpg"))
    addresses = Addresses(key_url="https://keys.example/{kid}.bin", clearkey_url="https://keys.example/licence?a=1&b=2")
    folder = package(
        plan,
        made_in(plan, store),
        tmp_path,
        keys=keys,
        thumbnails=thumbnails,
        default_language="en",
        artwork={"poster": poster},
        addresses=addresses,
    )
    root = dash.parse((folder / "dash/manifest.mpd").read_text())
    assert {each.text for each in root.iter(q("Laurl", dash.DASHIF))} == {"https://keys.example/licence?a=1&b=2"}
    assert (
        f'URI="https://keys.example/{keys["AUDIO"].kid}.bin"' in (folder / "hls/audio-en-aac-stereo.m3u8").read_text()
    )
    assert (folder / "art/poster.jpg").is_file()


def test_too_few_sheets_are_refused(tmp_path: Path, plan_of: Any, work_for: Any, thumbnails: Any) -> None:
    plan = plan_of(DrmScheme.NONE)
    short = thumbnails.model_copy(update={"sheets": thumbnails.sheets[:1]})
    with pytest.raises(InvalidInput, match="sprite sheets"):
        package(plan, made_in(plan, work_for(plan)), tmp_path, keys={}, thumbnails=short, default_language="en")


@pytest.mark.parametrize("scheme", ENCRYPTED)
@pytest.mark.parametrize(
    "track", ["video/h264-180p", "video/h264-720p", "audio/en-aac-5.1", "audio/en-eac3-5.1", "audio/en-opus-stereo"]
)
def test_the_key_opens_what_was_encrypted(
    packaged: Callable[[DrmScheme], Packaged], sources: Path, tmp_path: Path, scheme: DrmScheme, track: str
) -> None:
    """Decrypted by another program, a track decodes to the frames that went in; with a wrong key it does not."""
    release = packaged(scheme)
    kind = {"video/h264-180p": "SD", "video/h264-720p": "HD"}.get(track, "AUDIO")
    joined = tmp_path / "track.mp4"
    parts = [release.folder / track / name for name in ("init.mp4", "1.m4s", "2.m4s", "3.m4s")]
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    original = frame_hash(["-i", f"file:{sources / track}.mp4"])
    key = release.keys[kind].reveal().hex()
    assert frame_hash(["-decryption_key", key, "-i", f"file:{joined}"]) == original
    assert frame_hash(["-decryption_key", key[::-1], "-i", f"file:{joined}"]) != original


@pytest.mark.parametrize("codec", list(AudioCodec))
def test_sound_comes_back_from_a_release_as_it_was(
    packaged: Callable[[DrmScheme], Packaged], tmp_path: Path, codec: AudioCodec
) -> None:
    """Work files that were collected are made of segments again, and must then pass the gate of those encoded."""
    release = packaged(DrmScheme.CBCS)
    rendition = next(each for each in release.plan.audio if each.codec is codec)
    track = audio_track(rendition)
    parts = [release.folder / track.folder / "init.mp4", *track.segments(release.folder)]
    (tmp_path / "track.mp4").write_bytes(b"".join(part.read_bytes() for part in parts))
    argv = decryption(track, DrmScheme.CBCS, "track.mp4", "clear.mp4")
    run(argv, timeout_s=60, cwd=tmp_path, secret_input=flag_file(release.keys))
    check_track(release.plan, rendition, tmp_path / "clear.mp4")


def frame_hash(source: list[str]) -> bytes:
    """Of five seconds: the last frame of sound is cut to length by the edit list in one case only.

    Counted from 0, not from Opus's pre-skip, which nobody hears.
    """
    try:
        return run(
            [ffmpeg(), "-v", "quiet", "-copyts", *source, "-map", "0", "-t", "5", "-f", "hash", "-"], timeout_s=60
        ).stdout
    except ToolFailed:
        return b"it does not decode"
