"""Subtitles and artwork: known by content, bounded, and refused with the right code."""

import io
import struct
import zlib

import pytest
from PIL import Image

from marquee.content.delivery import artwork
from marquee.content.delivery.artwork import check_artwork, examine
from marquee.content.delivery.subtitles import check_subtitles
from marquee.contracts.errors import DeliveryRefused
from marquee.contracts.title import SubtitleTrack

SUBRIP = "1\n00:00:00,000 --> 00:00:00,500\nHello.\n"
TTML = '<tt xmlns="http://www.w3.org/ns/ttml"><body/></tt>'
LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(10))
BILLION = f'<?xml version="1.0"?><!DOCTYPE tt [{LAUGHS}]><tt xmlns="http://www.w3.org/ns/ttml">&l9;</tt>'


def picture(kind="PNG", size=(64, 96)) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 50).save(file, kind)
    return file.getvalue()


def pixel_bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes whose header promises many pixels; its checksums hold."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(width + 1) * 100, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def track(name, **more):
    return SubtitleTrack(file=name, language="de", **more)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (SUBRIP.encode(), "srt"),
        (("\ufeff" + SUBRIP).encode(), "srt"),
        (SUBRIP.replace("\n", "\r\n").encode(), "srt"),
        (SUBRIP.encode("utf-16"), "srt"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n", "vtt"),
        (b"\xef\xbb\xbfWEBVTT - a title\n", "vtt"),
        (TTML.encode(), "ttml"),
        (f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by hand -->{TTML}'.encode(), "ttml"),
        (TTML.encode("utf-16"), "ttml"),
        (SUBRIP.replace("Hello", "Grüße").encode("cp1252"), "srt"),
        (b"[Script Info]\nScriptType: v4.00+\n", "ass"),
        (b"; made by hand\r\n[Script Info]\r\n", "ass"),
        (b"<SAMI>\n<BODY></BODY></SAMI>", "sami"),
        (b"Scenarist_SCC V1.0\n\n", "scc"),
        (b"850STL25.01" + bytes(1013), "stl"),
    ],
)
def test_the_format_is_known_by_content(tmp_path, raw, kind):
    (tmp_path / "x.txt").write_bytes(raw)
    assert check_subtitles(tmp_path, track("x.txt")) == kind


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty-file"),
        (b"Hello.", "subtitle-invalid"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "subtitle-invalid"),
        (b"WEBVTTX\n", "subtitle-invalid"),
        ("Café".encode("latin-1"), "subtitle-invalid"),
        (b"\x89PNG\r\n", "subtitle-invalid"),
        (b"<html><body>1</body></html>", "subtitle-invalid"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "subtitle-invalid"),
        (TTML[:-5].encode(), "subtitle-invalid"),
        (f'<?xml version="1.0" encoding="no-such"?>{TTML}'.encode(), "subtitle-invalid"),
        (BILLION.encode(), "doctype"),
        (f"<!DOCTYPE tt SYSTEM 'file:///etc/passwd'>{TTML}".encode(), "doctype"),
        (b"x" * (4 * 1024 * 1024 + 1), "too-large"),
    ],
)
def test_what_is_no_subtitle_file_is_refused(tmp_path, raw, code):
    (tmp_path / "x.srt").write_bytes(raw)
    with pytest.raises(DeliveryRefused) as caught:
        check_subtitles(tmp_path, track("x.srt"))
    assert (caught.value.code, caught.value.where) == (code, "x.srt")


def test_an_encoding_that_the_sidecar_states_must_hold(tmp_path):
    (tmp_path / "x.srt").write_bytes(SUBRIP.replace("Hello", "Где").encode("cp1251"))
    assert check_subtitles(tmp_path, track("x.srt", encoding="windows-1251")) == "srt"
    for wrong, got in (("utf-8", "0xc3 at byte"), ("klingon", "klingon")):
        with pytest.raises(DeliveryRefused) as caught:
            check_subtitles(tmp_path, track("x.srt", encoding=wrong))
        assert caught.value.got.startswith(got)


def test_real_subtitles(shared_media):
    assert check_subtitles(shared_media, track("popeye-1080.eng.srt")) == "srt"
    assert check_subtitles(shared_media, track("popeye-480.eng.srt")) == "srt"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_pictures_pass(tmp_path, kind):
    path = tmp_path / "poster.bin"
    path.write_bytes(picture(kind))
    check_artwork(path)


@pytest.mark.parametrize(
    ("raw", "got"),
    [
        (b"not a picture", "cannot identify"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot identify"),
        (picture("GIF"), "cannot identify"),
        (picture("TIFF"), "cannot identify"),
        (picture("JPEG")[:-200], "truncated"),
        (picture("PNG")[:-2000], ""),
        (picture("WEBP")[:-200], ""),
        (pixel_bomb(8000, 6000), "8000x6000"),
        (pixel_bomb(40_000, 40_000), "1600000000 pixels"),
    ],
)
def test_what_is_no_sane_picture_is_refused(tmp_path, raw, got):
    path = tmp_path / "poster.png"
    path.write_bytes(raw)
    problem = examine(path)
    assert problem is not None
    assert got in problem[2]


def test_a_refused_picture_names_itself(tmp_path):
    path = tmp_path / "poster.png"
    path.write_bytes(pixel_bomb(8000, 6000))
    with pytest.raises(DeliveryRefused) as caught:
        check_artwork(path)
    error = caught.value
    assert (error.code, error.where) == ("artwork-invalid", "poster.png")
    assert (error.expected, error.got) == ("at most 40000000", "8000x6000")


def test_decoding_has_a_time_limit(tmp_path, monkeypatch):
    path = tmp_path / "poster.png"
    path.write_bytes(picture())
    monkeypatch.setattr(artwork, "TIMEOUT_S", 0.0)
    with pytest.raises(DeliveryRefused) as caught:
        check_artwork(path)
    assert caught.value.code == "artwork-invalid"
