import os

import pytest
from PIL import Image

from marquee.content.delivery import intake
from marquee.content.delivery.inbox import fingerprint
from marquee.content.delivery.intake import take
from marquee.contracts.delivery import AcceptedDelivery, RefusalCode
from marquee.contracts.errors import DeliveryRefused, Unavailable
from marquee.storage import Store, file_sha256
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

SUBRIP = "1\n00:00:00,000 --> 00:00:00,500\nHello.\n"
WITH_EXTRAS = "subtitles: [{file: en.srt, language: en}]\nartwork: {poster: poster.jpg}\n"


@pytest.fixture
def poster(tmp_path):
    path = tmp_path / "poster.jpg"
    Image.new("RGB", (60, 90), "red").save(path)
    return path


@pytest.fixture
def refused(mezzanine, unchanged):
    """Take a delivery that must be refused; gives the error after checking that nothing on disk has changed."""

    def attempt(folder, **limits) -> DeliveryRefused:
        check = unchanged()
        with pytest.raises(DeliveryRefused) as caught:
            take(folder, mezzanine, **limits)
        check()
        assert caught.value.code in set(RefusalCode)
        return caught.value

    return attempt


def test_what_holds_is_stored_by_content(deliver, mezzanine, film, poster, tree):
    folder = deliver({"film.mp4": film, "en.srt": SUBRIP, "poster.jpg": poster, "notes.txt": "unnamed"}, WITH_EXTRAS)
    before = tree(folder)
    accepted = take(folder, mezzanine)
    assert tree(folder) == before
    assert accepted.fingerprint == fingerprint(folder)
    assert accepted.media.sha256 == accepted.source.sha256 == file_sha256(film)
    files = [accepted.source, *accepted.extras.values()]
    assert {f.name for f in files} == {"film.mp4", "en.srt", "poster.jpg"}
    assert sorted(f.key for f in files) == list(mezzanine.keys())
    for f in files:
        assert accepted.stored(f.name) == f
        assert f.key == f"{mezzanine.sha256(f.key)}/{f.name}"
        assert mezzanine.size(f.key) == f.size
    assert AcceptedDelivery.model_validate_json(accepted.model_dump_json()) == accepted


def test_the_same_bytes_again_store_nothing(deliver, mezzanine, film):
    first = take(deliver({"film.mp4": film}), mezzanine)
    stored = mezzanine.fetch(first.source.key)
    written = stored.stat()
    again = take(deliver({"film.mp4": film}, folder="another"), mezzanine)
    assert again.source == first.source
    assert stored.stat() == written


def test_half_of_a_stored_file_is_written_anew(deliver, mezzanine, film):
    folder = deliver({"film.mp4": film})
    key = f"{file_sha256(film)}/film.mp4"
    mezzanine.write(key, film.read_bytes()[:100])
    take(folder, mezzanine)
    assert mezzanine.sha256(key) == file_sha256(film)


def test_a_remote_store_needs_no_cache(deliver, film):
    store = Store("memory://mezzanine")
    accepted = take(deliver({"film.mp4": film}), store)
    assert store.sha256(accepted.source.key) == file_sha256(film)
    store.delete(accepted.source.key)


@pytest.mark.parametrize("change", ["write", "swap", "rename the folder"])
def test_a_file_that_changes_meanwhile_does_not_slip_through(deliver, mezzanine, film, monkeypatch, change):
    folder = deliver({"film.mp4": film})
    path, probe_media = folder / "film.mp4", intake.probe_media

    def disturbed(source, **known):
        media = probe_media(source, **known)
        if change == "write":
            status = path.stat()
            path.write_bytes(bytes(reversed(path.read_bytes())))
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        elif change == "swap":
            (folder / "other").write_bytes(film.read_bytes())
            (folder / "other").replace(path)
        else:
            folder.rename(folder.with_name("away")).rename(folder)
        return media

    monkeypatch.setattr(intake, "probe_media", disturbed)
    with pytest.raises(Unavailable):
        take(folder, mezzanine)
    assert list(mezzanine.keys()) == []


def test_a_change_is_noticed_when_the_bytes_are_stored_already(deliver, mezzanine, film, monkeypatch):
    folder, probe_media = deliver({"film.mp4": film}), intake.probe_media
    take(folder, mezzanine)

    def disturbed(source, **known):
        source.touch()
        return probe_media(source, **known)

    monkeypatch.setattr(intake, "probe_media", disturbed)
    with pytest.raises(Unavailable):
        take(folder, mezzanine)


def test_a_file_that_changes_while_it_is_copied_is_taken_out_again(deliver, mezzanine, film, monkeypatch):
    folder = deliver({"film.mp4": film})
    put = mezzanine.put

    def late(key, source):
        source.write_bytes(b"another film")
        put(key, source)

    monkeypatch.setattr(mezzanine, "put", late)
    with pytest.raises(Unavailable):
        take(folder, mezzanine)
    assert list(mezzanine.keys()) == []


ATTACKS = {
    "empty": (b"", "empty-file"),
    "text": ("a film, honestly\n", "not-media"),
    "concat list": ("ffconcat version 1.0\nfile /etc/passwd\n", "playlist"),
    "plain concat list": ("file '/etc/passwd'\n", "playlist"),
    "HLS": ("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:1/secret\n", "playlist"),
    "HLS of a local file": ("\ufeff#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", "playlist"),
    "HLS of a concat protocol": ("#EXTM3U\n#EXTINF:1,\nconcat:/etc/passwd|subfile:/etc/shadow\n", "playlist"),
    "DASH": ('<?xml version="1.0"?><!-- c --><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>', "playlist"),
    "SVG": ('<?xml version="1.0"?><svg><image href="file:///etc/passwd"/></svg>', "image"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(100), "image"),
    "AVI": (b"RIFF\x00\x00\x00\x00AVI LIST" + bytes(100), "unreadable"),
    "GIF": (b"GIF89a" + bytes(100), "image"),
    "BMP": (b"BM" + bytes(12) + b"\x28\0\0\0" + bytes(100), "image"),
    "a text that begins like a BMP": ("BMW is a car\n", "not-media"),
    "tar": (b"film.mp4".ljust(257, b"\0") + b"ustar", "archive"),
    "PDF": (b"%PDF-1.7\n", "document"),
    "web page": ("<!DOCTYPE html>\n<html><body>404</body></html>", "document"),
    "WAV": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(100), "audio-file"),
    "MP3": (b"ID3\x04" + bytes(100), "audio-file"),
    "raw H.264": (b"\0\0\0\x01\x67\x42\xc0\x1e" + bytes(100), "raw-stream"),
    "RealMedia": (b".RMF\0\0\0\x12" + bytes(100), "unwanted-container"),
    "ftyp and then a playlist": (b"\0\0\0\x10ftypisom\0\0\0\0#EXTM3U\nfile:///etc/passwd\n", "not-media"),
    "zip": (b"PK\x03\x04" + bytes(100), "archive"),
    "zeros": (bytes(4096), "not-media"),
    "no Segment": (b"\x1a\x45\xdf\xa3\x80" + bytes(100), "damaged"),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", ["film.mp4", "film.MOV"])
def test_files_dressed_as_video(deliver, refused, attack, name):
    content, code = ATTACKS[attack]
    assert refused(deliver({name: content}, f"media: {name}\n")).code == code


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("media: -i\n", "unsafe-name"),
        ("media: ../../secret.mp4\n", "unsafe-name"),
        ("media: /etc/passwd\n", "unsafe-name"),
        ("media: elsewhere.mp4\n", "file-missing"),
        ("subtitles: [{file: ../en.srt, language: en}]\n", "unsafe-name"),
        ("subtitles: [{file: en.srt, language: en}]\n", "file-missing"),
        ("artwork: {poster: film.mp4}\n", "artwork-invalid"),
        ("subtitles: [{file: film.mp4, language: en}]\n", "subtitle-invalid"),
        ("artwork: {sticker: film.mp4}\n", "sidecar-invalid"),
        ("audio: [{stream: 1, language: en}]\n", "sidecar-invalid"),
        ("marks: {credits_start_s: 2}\n", "sidecar-invalid"),
        ("marks: {chapters: [{start_s: 0, titles: {en: a}}, {start_s: 2, titles: {en: b}}]}\n", "sidecar-invalid"),
        ("marks: {credits_start_s: inf}\n", "sidecar-invalid"),
    ],
)
def test_sidecars_that_do_not_hold(deliver, refused, film, more, code):
    assert refused(deliver({"film.mp4": film}, more)).code == code


def test_a_missing_file_is_told_with_what_is_there(deliver, refused):
    error = refused(deliver({"Film.mov": "x"}))
    assert (error.where, error.expected) == ("film.mp4", "the file 'film.mp4'")
    assert error.got == "'Film.mov', 'title.yaml'"


def test_no_sidecar(deliver, refused):
    folder = deliver({"film.mp4": "x"})
    (folder / "title.yaml").unlink()
    assert (error := refused(folder)).code == "file-missing"
    assert error.where == "title.yaml"


@pytest.mark.parametrize("name", ["film.mp4", "title.yaml", "en.srt", "poster.jpg"])
def test_links_are_not_followed(deliver, refused, film, poster, tmp_path, name):
    folder = deliver({"film.mp4": film, "en.srt": SUBRIP, "poster.jpg": poster}, WITH_EXTRAS)
    (folder / name).rename(tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)
    error = refused(folder)
    assert (error.code, error.where) == ("symlink", name)


def test_a_linked_folder_is_refused(deliver, refused, film):
    folder = deliver({"film.mp4": film})
    link = folder.with_name("linked")
    link.symlink_to(folder)
    assert refused(link).code == "symlink"


@pytest.mark.parametrize("name", ["film.mp4", "title.yaml"])
def test_a_pipe_is_not_waited_for(deliver, refused, name):
    folder = deliver({})
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    assert refused(folder).code == "not-a-file"


def test_a_folder_is_no_file(deliver, refused):
    folder = deliver({})
    (folder / "film.mp4").mkdir()
    assert refused(folder).code == "not-a-file"


def test_a_source_has_a_size_limit(deliver, refused, film):
    size = film.stat().st_size
    error = refused(deliver({"film.mp4": film}), max_source_bytes=size - 1)
    assert (error.code, error.got) == ("too-large", f"{size} bytes")


def test_entities_in_subtitles(deliver, refused, film):
    laughs = '<!DOCTYPE tt [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><tt xmlns="http://www.w3.org/ns/ttml">&b;</tt>'
    assert refused(deliver({"film.mp4": film, "en.srt": laughs, "poster.jpg": b"x"}, WITH_EXTRAS)).code == "doctype"


def test_sound_alone(deliver, refused, tmp_path):
    song = tmp_path / "song.m4a"
    run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", "sine=d=1", str(song)], timeout_s=30)
    assert refused(deliver({"film.mp4": song})).code == "audio-only"


def test_words_alone(deliver, refused, tmp_path):
    (tmp_path / "en.srt").write_text(SUBRIP)
    path = tmp_path / "words.mkv"
    run([ffmpeg(), "-v", "error", "-i", str(tmp_path / "en.srt"), str(path)], timeout_s=30)
    assert refused(deliver({"film.mp4": path})).code == "no-video"


@pytest.mark.parametrize(("size", "sar"), [("8208x32", "1"), ("8x8", "1"), ("4096x64", "10"), ("160x90", "1/20")])
def test_absurd_dimensions(deliver, refused, make_clip, size, sar):
    clip = make_clip("clip.mp4", seconds=0.2, size=size, audio=False, extra=("-vf", f"setsar={sar}:max=1000"))
    assert refused(deliver({"film.mp4": clip})).code == "absurd-dimensions"


@pytest.mark.parametrize(("ticks", "code"), [(0, "zero-frame-rate"), (0x7FFFFFFF, "absurd-frame-rate")])
def test_frame_rates_that_no_programme_has(deliver, refused, make_clip, ticks, code):
    """One frame whose duration, in the table of sample times, is nothing, and is days."""
    clip = make_clip("one.mp4", seconds=1, size="160x90", audio=False, extra=("-frames:v", "1"))
    raw = bytearray(clip.read_bytes())
    at = raw.index(b"stts") + 16
    raw[at : at + 4] = ticks.to_bytes(4)
    assert refused(deliver({"film.mp4": raw})).code == code


def test_no_frames(deliver, refused):
    header = b"YUV4MPEG2 W32 H32 F25:1 Ip A1:1 C420jpeg\n"
    assert refused(deliver({"film.mp4": header})).code == "no-video"


def test_no_decoder(deliver, refused, film):
    raw = film.read_bytes().replace(b"avc1", b"zzzz")
    assert refused(deliver({"film.mp4": raw})).code == "unknown-codec"


def test_one_frame_and_no_sound_are_fine(deliver, mezzanine, make_clip):
    clip = make_clip("one.mp4", seconds=1, size="160x90", audio=False, extra=("-frames:v", "1"))
    accepted = take(deliver({"film.mp4": clip}), mezzanine)
    assert (accepted.media.picture.frames, accepted.media.audio) == (1, ())


def test_names_with_spaces_percent_and_accents_are_fine(deliver, mezzanine, film):
    name = "Le Cinéma %03d 100%.MOV"
    accepted = take(deliver({name: film}, f'media: "{name}"\n'), mezzanine)
    assert mezzanine.sha256(accepted.source.key) == file_sha256(film)


@pytest.mark.parametrize(
    ("name", "code"), [("already-encrypted.mp4", "encrypted"), ("chunk-offset-out-of-range.mp4", "damaged")]
)
def test_real_bad_files(deliver, refused, shared_media, name, code):
    assert refused(deliver({"film.mp4": shared_media / "bad" / name})).code == code


def test_a_real_film_with_its_subtitles(deliver, mezzanine, shared_media):
    files = {"film.mp4": shared_media / "popeye-1080-hevc-pgs.mkv", "en.srt": shared_media / "popeye-1080.eng.srt"}
    accepted = take(deliver(files, "subtitles: [{file: en.srt, language: en, kind: sdh}]\n"), mezzanine)
    assert accepted.media.demuxer == "matroska"
    assert accepted.stored("en.srt").size == (shared_media / "popeye-1080.eng.srt").stat().st_size
