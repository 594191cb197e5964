"""Subtitles: every accepted format, and what careless writers do to them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.media.cues import read_subrip, read_webvtt
from marquee.content.media.subtitles import convert_subtitles, read
from marquee.contracts.errors import InvalidInput
from marquee.contracts.plan import TextResult
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

CARELESS = """1
00:00:01,000 --> 00:00:03,000
{\\an8}<i>Hello</i> <b>A & B</b> <font color="#f00">red</font> 1 < 2
second &amp; line

2
00:00:02.500 --> 00:00:04,000 X1:1 X2:2
no comma
4
0:00:05,5 --> 0:00:05,900
1984

5
00:00:06,000 --> 00:00:05,000
backwards

6
00:00:00,500 --> 00:00:00,900
--> early
"""
VTT = """WEBVTT - a film

STYLE
::cue { color: red }

NOTE
00:00:00.000 --> 00:00:01.000 is no cue

one
00:01.000 --> 00:03.000 align:start line:10%
<v Bob>Hello & <c.loud>you</c>

00:00:04.000 --> 00:00:05.000
b
"""
TTML = """<?xml version="1.0" encoding="UTF-16"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25" xml:lang="de"
    xmlns:tts="http://www.w3.org/ns/ttml#styling"><body><div begin="1s">
<p begin="00:00:00:05" end="00:00:01:00">Grüße &amp; <span tts:fontStyle="italic">Küsse</span><br/>zwei</p>
</div></body></tt>"""

Convert = Callable[..., tuple[TextResult, str]]


@pytest.fixture
def convert(plan_of, make_clip, mezzanine: Store, work: Store, scratch: Path, tmp_path: Path) -> Convert:
    """A delivered file through the whole conversion, for a film of eight seconds."""

    def do(content: bytes) -> tuple[TextResult, str]:
        (tmp_path / "film.sub").write_bytes(content)
        plan = plan_of(make_clip(), tmp_path / "film.sub", subtitles=[{"file": "film.sub", "language": "de"}])
        result = convert_subtitles(plan, plan.text[0], mezzanine, work, scratch)
        assert result.key == f"{plan.hash}/text/de.vtt"
        return result, work.read(result.key).decode()

    return do


def test_careless_subrip() -> None:
    cues = read_subrip(CARELESS)
    assert [(c.start_ms, c.end_ms) for c in cues] == [
        (1000, 3000),
        (2500, 4000),
        (5500, 5900),
        (6000, 5000),
        (500, 900),
    ]
    assert cues[0].text == "<i>Hello</i> <b>A &amp; B</b> red 1 &lt; 2\nsecond &amp; line"
    assert cues[1].text == "no comma"
    assert cues[2].text == "1984"
    assert "-->" not in cues[4].text


def test_subrip_becomes_sorted_webvtt_without_empty_cues(convert: Convert) -> None:
    result, text = convert(CARELESS.replace("\n", "\r\n").encode("utf-8-sig"))
    assert text.startswith("WEBVTT\n\n00:00:00.500 --> 00:00:00.900\n")
    assert result.cues == text.count(" --> ") == 4
    assert result.notes == ("1 cues dropped: outside the programme, without length or empty",)


def test_cues_end_with_the_programme(convert: Convert) -> None:
    late = "1\n00:00:07,000 --> 00:00:12,000\nlong\n\n2\n00:00:09,000 --> 00:00:10,000\nnever seen\n"
    result, text = convert(late.encode())
    assert "00:00:07.000 --> 00:00:08.000" in text
    assert "never seen" not in text
    assert (result.cues, len(result.notes)) == (1, 2)


@pytest.mark.parametrize(("encoding", "guessed"), [("cp1252", True), ("utf-16", False), ("utf-8", False)])
def test_old_encodings_are_read_and_named(convert: Convert, encoding: str, guessed: bool) -> None:
    result, text = convert("1\n00:00:01,000 --> 00:00:02,000\nGrüße – „Käse“\n".encode(encoding))
    assert "Grüße – „Käse“" in text
    assert result.notes == (("the file says no encoding: read as cp1252",) if guessed else ())


def test_embedded_text_in_an_old_encoding_is_read_by_its_language(
    plan_of, make_clip, mezzanine: Store, work: Store, scratch: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.srt").write_bytes("1\n00:00:01,000 --> 00:00:02,000\nГде ты был вчера?\n".encode("cp1251"))
    film = tmp_path / "film.mkv"
    inputs = ["-i", str(make_clip()), "-i", str(tmp_path / "a.srt")]
    run([ffmpeg(), "-v", "error", *inputs, "-c", "copy", "-metadata:s:s:0", "language=rus", str(film)], timeout_s=60)
    plan = plan_of(film)
    result = convert_subtitles(plan, plan.text[0], mezzanine, work, scratch)
    assert (plan.text[0].name, result.cues) == ("ru", 1)
    assert "Где ты был вчера?" in work.read(result.key).decode()


ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour
Style: Default,Arial,20,&H00FFFFFF

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\pos(10,10)\\i1}Grüße{\\i0}\\Nzwei
"""
SAMI = """<SAMI><HEAD><STYLE TYPE="text/css"><!-- .DE {Name: German; lang: de-DE;} --></STYLE></HEAD><BODY>
<SYNC Start=1000><P Class=DE>Grüße<br>zwei
<SYNC Start=2500><P Class=DE>&nbsp;
</BODY></SAMI>
"""
# Pop-on: 9420 loads, 9470 places on row 15, then "Hi there" with odd parity, 942f shows; 942c clears one second later.
SCC = """Scenarist_SCC V1.0

00:00:01:00	9420 9420 9470 9470 c8e9 20f4 68e5 f2e5 942f 942f

00:00:02:15	942c 942c
"""


def stl() -> bytes:
    """EBU STL (EBU Tech 3264): a header block of 1024 bytes, one text block of 128, programme start at 10:00:00:00."""
    gsi = bytearray(b" " * 1024)
    gsi[0:14] = b"850STL25.01100"
    gsi[14:16] = b"09"  # language: German... code page Latin in 12..14 is "00"
    gsi[12:14] = b"00"
    gsi[238:253] = b"000010000100001"  # text blocks, subtitles, groups
    gsi[253:255], gsi[251:253] = b"23", b"40"
    gsi[255:256], gsi[256:264] = b"1", b"10000000"
    gsi[272:274] = b"11"
    tti = bytearray(b"\x8f" * 128)
    tti[0:16] = bytes([0, 0, 0, 0xFF, 0, 10, 0, 1, 0, 10, 0, 2, 12, 20, 2, 0])
    tti[16:26] = b"\x0b\x0bGr\xc8uss\x0a\x0a"[:10]
    return bytes(gsi + tti)


@pytest.mark.parametrize(
    ("content", "start", "says"),
    [
        (ASS.encode(), "00:00:01.000 --> 00:00:02.500", "<i>Grüße</i>\nzwei"),
        (ASS.encode("utf-16"), "00:00:01.000 --> 00:00:02.500", "<i>Grüße</i>\nzwei"),
        (SAMI.encode("cp1252"), "00:00:01.000 --> 00:00:02.500", "Grüße\nzwei"),
        (SCC.encode(), "00:00:01.", "Hi there"),
        (stl(), "00:00:01.000 --> 00:00:02.480", "Grüss"),
    ],
    ids=["ass", "ass in UTF-16", "sami", "scc", "stl"],
)
def test_other_formats_are_read_and_say_what_is_lost(convert: Convert, content: bytes, start: str, says: str) -> None:
    result, text = convert(content)
    assert result.cues == 1
    assert start in text
    assert says in text
    assert any("kept" in note for note in result.notes)


def test_webvtt_keeps_styles_and_settings() -> None:
    header, cues = read_webvtt(VTT)
    assert header == "STYLE\n::cue { color: red }"
    assert [(c.start_ms, c.settings) for c in cues][-2:] == [(1000, "align:start line:10%"), (4000, "")]
    assert cues[-2].text == "<v Bob>Hello &amp; <c.loud>you</c>"


def test_notes_of_webvtt_are_no_cues() -> None:
    assert len(read_webvtt(VTT)[1]) == 2


def test_ttml_times_are_relative_to_their_parents(convert: Convert) -> None:
    result, text = convert(TTML.encode("utf-16"))
    assert result.cues == 1
    assert "00:00:01.200 --> 00:00:02.000" in text
    assert "Grüße &amp; <i>Küsse</i>\nzwei" in text


def test_converting_again_changes_nothing(convert: Convert) -> None:
    _, once = convert(CARELESS.encode())
    _, twice = convert(once.encode())
    assert once == twice


def test_real_subtitles(convert: Convert, shared_media: Path) -> None:
    _, text = convert((shared_media / "popeye-480.eng.srt").read_bytes())
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n[laughing]\n")


def test_embedded_text_is_taken_out(
    plan_of, make_clip, mezzanine: Store, work: Store, scratch: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n<i>inside</i>\n")
    film = tmp_path / "film.mkv"
    inputs = ["-i", str(make_clip()), "-i", str(tmp_path / "a.srt")]
    run([ffmpeg(), "-v", "error", *inputs, "-c", "copy", "-metadata:s:s:0", "language=fre", str(film)], timeout_s=60)
    plan = plan_of(film)
    (text,) = plan.text
    result = convert_subtitles(plan, text, mezzanine, work, scratch)
    assert (text.name, result.cues) == ("fr", 1)
    assert "<i>inside</i>" in work.read(result.key).decode()


@pytest.mark.parametrize("junk", ["Hello\nWorld", "<html/>", "<!DOCTYPE x [<!ENTITY e 'x'>]><tt/>", "<tt"])
def test_junk_is_refused(junk: str) -> None:
    with pytest.raises(InvalidInput):
        read(junk.encode(), where="x")


def test_an_empty_file_is_an_empty_track() -> None:
    assert read(b"", where="x").cues == []
