import base64
import json
import subprocess
from fractions import Fraction

import pytest

from marquee.content.delivery import probe
from marquee.content.delivery.probe import probe_media
from marquee.content.delivery.signatures import identify
from marquee.contracts.errors import DeliveryRefused
from marquee.storage import file_sha256
from marquee.tools.binaries import ffmpeg, ffprobe, packager
from marquee.tools.process import run

RAW = ("-c:v", "rawvideo")
CONTAINERS = [
    ("clip.mp4", "mov", True, ()),
    ("clip.mov", "mov", True, ("-movflags", "+faststart")),
    ("fragmented.mp4", "mov", True, ("-movflags", "frag_keyframe+empty_moov")),
    ("clip.mkv", "matroska", True, ()),
    ("live.mkv", "matroska", True, ("-live", "1")),
    ("clip.webm", "matroska", False, ("-c:v", "libvpx", "-b:v", "100k")),
    ("clip.ts", "mpegts", True, ()),
    ("clip.m2ts", "mpegts", True, ()),
    ("clip.mxf", "mxf", False, ("-c:v", "mpeg2video")),
    ("clip.mpg", "mpeg", False, ("-c:v", "mpeg2video")),
    ("clip.y4m", "yuv4mpegpipe", False, RAW),
    ("clip.avi", "avi", True, ("-c:v", "mpeg4", "-bf", "0")),
    ("clip.wmv", "asf", True, ("-c:v", "wmv2", "-c:a", "wmav2")),
    ("clip.flv", "flv", True, ()),
    ("clip.ogv", "ogg", True, ("-c:v", "libtheora", "-c:a", "libvorbis")),
]


def code(path) -> str:
    with pytest.raises(DeliveryRefused) as caught:
        probe_media(path)
    assert caught.value.where.startswith(path.name)
    return caught.value.code


def edited(tmp_path, source, old, new, name="edited"):
    """A copy with some bytes replaced by as many others."""
    raw = source.read_bytes()
    assert old in raw
    assert len(old) == len(new)
    path = tmp_path / name
    path.write_bytes(raw.replace(old, new))
    return path


@pytest.mark.parametrize(("name", "demuxer", "audio", "extra"), CONTAINERS, ids=[c[0] for c in CONTAINERS])
def test_every_container_is_known_by_its_content(make_clip, tmp_path, name, demuxer, audio, extra):
    clip = make_clip(name, seconds=1, size="160x90", audio=audio, extra=extra)
    disguised = tmp_path / "film.txt"
    disguised.write_bytes(clip.read_bytes())
    media = probe_media(disguised)
    assert (media.demuxer, media.size, media.sha256) == (demuxer, clip.stat().st_size, file_sha256(clip))
    picture = media.picture
    assert (picture.width, picture.height, picture.frames) == (160, 90, 25)
    assert picture.base_rate == 25
    assert picture.duration_s == pytest.approx(1, abs=0.05)
    assert [a.sample_rate for a in media.audio] == [48000] * audio


def dv(make_clip, standard="pal"):
    size, rate = ("720x576", "25") if standard == "pal" else ("720x480", "30000/1001")
    pixels = "yuv420p" if standard == "pal" else "yuv411p"
    extra = ("-c:v", "dvvideo", "-pix_fmt", pixels, "-c:a", "pcm_s16le", "-ar", "48000", "-ac", "2")
    return make_clip(f"{standard}.dv", seconds=1, size=size, rate=rate, extra=extra)


@pytest.mark.parametrize(("standard", "frames", "lines"), [("pal", 25, 576), ("ntsc", 30, 480)])
def test_dv_is_known_by_its_content(make_clip, standard, frames, lines):
    media = probe_media(dv(make_clip, standard))
    assert (media.demuxer, media.picture.height) == ("dv", lines)
    assert media.picture.frames == pytest.approx(frames, abs=1)
    assert [a.sample_rate for a in media.audio] == [48000]


ARCHIVES = {
    "film.avi": ("-c:v", "mpeg4", "-bf", "0"),
    "film.wmv": ("-c:v", "wmv2", "-c:a", "wmav2"),
    "film.ogv": ("-c:v", "libtheora", "-c:a", "libvorbis"),
}


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("share", [0.5, 0.93])
def test_archive_files_that_end_early_are_truncated(make_clip, tmp_path, name, share):
    raw = make_clip(name, seconds=1, size="160x90", extra=ARCHIVES[name]).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(raw[: int(len(raw) * share)])
    assert code(cut) == "truncated"


def test_dv_that_ends_within_a_frame_is_truncated(make_clip, tmp_path):
    cut = tmp_path / "film.dv"
    cut.write_bytes(dv(make_clip).read_bytes()[:-1000])
    assert code(cut) == "truncated"


def test_protected_windows_media_and_flash_are_encrypted(make_clip, tmp_path):
    wmv = make_clip("film.wmv", seconds=1, size="160x90", extra=ARCHIVES["film.wmv"]).read_bytes()
    header = int.from_bytes(wmv[16:24], "little")
    guid = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e") + (24).to_bytes(8, "little")
    path = tmp_path / "film.wmv"
    path.write_bytes(wmv[:16] + (header + len(guid)).to_bytes(8, "little") + wmv[24:header] + guid + wmv[header:])
    assert code(path) == "encrypted"
    flv = bytearray(make_clip("film.flv", seconds=1, size="160x90").read_bytes())
    flv[13] |= 0x20
    (tmp_path / "film.flv").write_bytes(flv)
    assert code(tmp_path / "film.flv") == "encrypted"


@pytest.mark.parametrize("name", ["one.mp4", "one.mkv", "one.ts", "one.mpg"])
def test_one_frame_is_enough(make_clip, name):
    clip = make_clip(name, seconds=1, size="160x90", audio=False, extra=("-frames:v", "1"))
    picture = probe_media(clip).picture
    assert picture.frames == 1
    assert picture.frame_rate > 0
    assert picture.duration_s > 0


def test_matroska_streams_have_durations_of_their_own(make_clip):
    media = probe_media(make_clip("short-sound.mkv", seconds=1, size="160x90", extra=("-af", "atrim=0:0.5")))
    assert media.audio[0].duration_s == pytest.approx(0.5, abs=0.05)
    assert media.duration_s == media.picture.duration_s == 1


def test_colour_depth_and_shape_are_read(make_clip):
    tags = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv,setsar=4/3"
    extra = ("-vf", f"{tags},format=yuv420p10le", "-pix_fmt", "yuv420p10le")
    clip = make_clip("hdr.mp4", seconds=0.2, rate="30000/1001", size="160x90", audio=False, extra=extra)
    p = probe_media(clip).picture
    assert (p.primaries, p.transfer, p.matrix, p.colour_range) == ("bt2020", "smpte2084", "bt2020nc", "tv")
    assert (p.bit_depth, p.pixel_format, p.frame_rate) == (10, "yuv420p10le", Fraction(30000, 1001))
    assert (p.sample_aspect, p.display_size) == (Fraction(4, 3), (213, 90))


@pytest.mark.parametrize(("counter_clockwise", "clockwise"), [("90", 270), ("-90", 90), ("180", 180), ("0", 0)])
def test_rotation_is_told_clockwise(make_clip, tmp_path, counter_clockwise, clockwise):
    clip, turned = make_clip("film.mp4", seconds=1, size="160x90"), tmp_path / "turned.mp4"
    argv = [ffmpeg(), "-v", "error", "-display_rotation", counter_clockwise, "-i", str(clip), "-c", "copy", str(turned)]
    run(argv, timeout_s=30)
    assert probe_media(turned).picture.rotation == clockwise


def test_cover_art_is_no_programme(make_clip, tmp_path):
    cover, song = tmp_path / "cover.png", tmp_path / "song.mp4"
    run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", "color", "-frames:v", "1", str(cover)], timeout_s=30)
    argv = [ffmpeg(), "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-i", str(cover), "-map", "0", "-map", "1"]
    run([*argv, "-c:a", "aac", "-c:v", "copy", "-disposition:v", "attached_pic", str(song)], timeout_s=30)
    media = probe_media(song)
    assert (len(media.video), len(media.audio)) == (0, 1)


@pytest.mark.parametrize(("tag", "language"), [("fra", "fra"), ("und", None), ("../../etc", None), ("en\nx", None)])
def test_a_language_is_taken_only_in_the_form_of_one(make_clip, tag, language):
    clip = make_clip("lang.mkv", seconds=0.2, size="160x90", extra=("-metadata:s:a:0", f"language={tag}"))
    assert probe_media(clip).audio[0].language == language


REAL = {
    "big-buck-bunny-720p-5.1.mp4": ("h264", (1280, 720), "25", 132, 5.28, ["5.1"], []),
    "bikes-scope-noaudio.mp4": ("h264", (640, 272), "25", 250, 10.0, [], []),
    "cockatoo-720p-20fps-noaudio.mp4": ("h264", (1280, 720), "20", 280, 14.0, [], []),
    "popeye-1080-hevc-pgs.mkv": ("hevc", (1440, 1074), "24", 1440, 60.0, [], [True]),
    "popeye-480-2997-vobsub.mkv": ("hevc", (640, 478), "30000/1001", 1800, 60.06, [], [True]),
    "rotation-90-one-frame.mp4": ("h264", (60, 100), "24", 1, 1 / 24, [], []),
}


@pytest.mark.parametrize("name", REAL)
def test_real_clips(shared_media, name):
    codec, size, rate, frames, duration_s, layouts, bitmaps = REAL[name]
    media = probe_media(shared_media / name)
    p = media.picture
    assert (p.codec, p.display_size, p.frame_rate, p.frames) == (codec, size, Fraction(rate), frames)
    assert p.duration_s == pytest.approx(duration_s, abs=1e-4)
    assert [a.layout for a in media.audio] == layouts
    assert [t.bitmap for t in media.text] == bitmaps


def test_real_damage_and_encryption(shared_media):
    assert code(shared_media / "bad" / "already-encrypted.mp4") == "encrypted"
    assert code(shared_media / "bad" / "chunk-offset-out-of-range.mp4") == "damaged"


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.mxf"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_file_that_ends_early_is_truncated(make_clip, tmp_path, name, share):
    extra = ("-c:v", "mpeg2video") if name.endswith("mxf") else ("-movflags", "+faststart") * name.endswith("mp4")
    raw = make_clip(name, seconds=1, size="160x90", audio=False, extra=extra).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(raw[: int(len(raw) * share)])
    assert code(cut) == "truncated"


def test_bytes_after_the_last_box_do_no_harm(film, tmp_path):
    padded = tmp_path / "padded.mp4"
    padded.write_bytes(film.read_bytes() + b"\x7f\xff\xff\xffjunk and more of it")
    assert probe_media(padded).picture.frames == 25


def test_a_chunk_after_the_end_is_damage(film, tmp_path):
    raw = bytearray(film.read_bytes())
    at = raw.index(b"stco") + 12
    raw[at : at + 4] = len(raw).to_bytes(4)
    path = tmp_path / "film.mp4"
    path.write_bytes(raw)
    assert code(path) == "damaged"


def test_a_run_of_chunks_that_do_not_exist_is_damage(film, tmp_path):
    raw = bytearray(film.read_bytes())
    at = next(i for i in range(len(raw)) if raw[i : i + 4] == b"stsc" and int.from_bytes(raw[i + 8 : i + 12]) > 1)
    raw[at + 24 : at + 28] = (10_000).to_bytes(4)
    path = tmp_path / "film.mp4"
    path.write_bytes(raw)
    assert code(path) == "damaged"


def test_a_table_larger_than_its_box_is_damage(film, tmp_path):
    raw = bytearray(film.read_bytes())
    at = raw.index(b"stco") + 8
    raw[at : at + 4] = b"\xff\xff\xff\xff"
    path = tmp_path / "film.mp4"
    path.write_bytes(raw)
    assert code(path) == "damaged"


def test_samples_in_another_file_are_refused(film, tmp_path):
    path = edited(tmp_path, film, b"url \x00\x00\x00\x01", b"url \x00\x00\x00\x00")
    assert code(path) == "external-reference"


def test_matroska_encryption_is_found(make_clip, tmp_path):
    vp9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")
    clip, locked = make_clip("vp9.mp4", seconds=0.5, size="160x90", audio=False, extra=vp9), tmp_path / "locked.webm"
    key = "00112233445566778899aabbccddeeff"
    argv = [packager(), f"in={clip},stream=video,output={locked},drm_label=A", "--enable_raw_key_encryption"]
    run([*argv, "--clear_lead", "0", "--keys", f"label=A:key_id={key}:key={key}"], timeout_s=30)
    assert code(locked) == "encrypted"


def test_a_scrambled_transport_stream_is_found(make_clip, tmp_path):
    raw = bytearray(make_clip("clip.ts", seconds=1, size="160x90").read_bytes())
    raw[188 * 20 + 3] |= 0x80
    path = tmp_path / "clip.ts"
    path.write_bytes(raw)
    assert code(path) == "encrypted"


def test_no_decoder_for_the_video(film, tmp_path):
    media = probe_media(edited(tmp_path, film, b"avc1", b"zzzz"))
    assert media.picture.codec == "unknown"


def test_what_ffprobe_cannot_read_is_unreadable(tmp_path):
    path = tmp_path / "film.mkv"
    segment = b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
    path.write_bytes(b"\x1a\x45\xdf\xa3\x80" + segment + b"\0" * 4000)
    assert code(path) == "unreadable"


def test_a_probe_has_a_time_limit(film, monkeypatch):
    monkeypatch.setattr(probe, "START_S", 0.0)
    assert code(film) == "unreadable"


def test_boxes_nested_without_end_are_read_in_bounded_depth(tmp_path):
    nested = b""
    for _ in range(5000):
        nested = (len(nested) + 8).to_bytes(4) + b"moov" + nested
    path = tmp_path / "nested.mp4"
    path.write_bytes(b"\0\0\0\x08free" + nested)
    assert code(path) == "unreadable"


def test_too_many_streams(make_clip, tmp_path):
    clip, many = make_clip("film.mp4", seconds=1, size="160x90"), tmp_path / "many.mkv"
    maps = [word for _ in range(65) for word in ("-map", "0:a")]
    run([ffmpeg(), "-v", "error", "-i", str(clip), *maps, "-c", "copy", str(many)], timeout_s=30)
    assert code(many) == "too-many-streams"


def test_a_disguised_playlist_would_be_followed_without_the_fence(tmp_path, film):
    """Why signatures decide and not ffprobe: left to itself it takes this text for the film beside it."""
    (tmp_path / "secret.mp4").write_bytes(film.read_bytes())
    disguise = tmp_path / "film.mp4"
    disguise.write_text("ffconcat version 1.0\nfile secret.mp4\n")
    argv = [ffprobe(), "-v", "error", "-show_streams", "-of", "json"]
    done = subprocess.run([*argv, str(disguise)], capture_output=True, check=True)
    assert len(json.loads(done.stdout)["streams"]) == 2
    assert code(disguise) == "playlist"


def test_images_of_the_same_family_are_no_media(tmp_path):
    avif = base64.b64decode("AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAAAIbWRhdA==")
    path = tmp_path / "film.mp4"
    path.write_bytes(avif)
    with pytest.raises(DeliveryRefused) as caught:
        identify(path)
    assert caught.value.code == "image"


def test_every_unwanted_kind_says_in_a_sentence_what_it_is(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"GIF89a" + bytes(100))
    with pytest.raises(DeliveryRefused) as caught:
        identify(path)
    assert (caught.value.code, caught.value.got.split(",")[0]) == ("image", "a GIF is an image")
