"""Subtitles: every accepted format, and what careless writers do to them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.media.cues import read_subrip, read_webvtt
from marquee.content.media.subtitles import convert_subtitles, decode, read
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


def test_old_encodings_are_read(convert: Convert) -> None:
    subrip = "1\n00:00:01,000 --> 00:00:02,000\nGrüße – „Käse“\n"
    for encoding in ("cp1252", "utf-16", "utf-8"):
        result, text = convert(subrip.encode(encoding))
        assert "Grüße – „Käse“" in text
        assert bool(result.notes) == (encoding == "cp1252")


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
        read(junk, where="x")


def test_an_empty_file_is_an_empty_track() -> None:
    assert read(decode(b"")[0], where="x") == ("", [])
