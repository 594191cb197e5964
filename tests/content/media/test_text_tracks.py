"""Which subtitle tracks a film gives, told apart by kind: text, pictures, captions in the picture; and styles kept."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marquee.content.delivery.probe import probe_media
from marquee.content.media.cues import read_subrip
from marquee.content.media.subtitles import convert_subtitles
from marquee.content.media.text_tracks import pictures_to_read
from marquee.contracts.media import TextStream
from marquee.contracts.plan import EncodePlan
from marquee.storage import Store
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run
from tests.content.media.captioned import CLEAR, ROW_1_ITALICS, ROW_15, SHOW, film, pop_on

CAPTIONS = {
    5: pop_on("Hello, 608 & all", ROW_15),
    30: (SHOW, SHOW),
    35: pop_on("At the top", ROW_1_ITALICS),
    90: (SHOW, SHOW),
    120: (CLEAR, CLEAR),
}
FRAME_MS = 34
Convert = Callable[[EncodePlan], str]


@pytest.fixture
def convert(mezzanine: Store, work: Store, scratch: Path) -> Convert:
    """The WebVTT of a plan's only track."""

    def do(plan: EncodePlan) -> str:
        (text,) = plan.text
        return work.read(convert_subtitles(plan, text, mezzanine, work, scratch).key).decode()

    return do


@pytest.mark.parametrize(("name", "extra"), [("cc.mp4", ()), ("late.mkv", ("-output_ts_offset", "3"))])
def test_captions_in_the_picture_become_a_track_for_the_deaf(
    name: str, extra: tuple[str, ...], plan_of: Callable, convert: Convert, tmp_path: Path
) -> None:
    plan = plan_of(
        film(tmp_path, CAPTIONS, 130, *extra, name=name), original_language="es", texts={"es": {"title": "A"}}
    )
    assert [text.name for text in plan.text] == ["es-sdh"]
    said = convert(plan)
    assert "Hello, 608 &amp; all" in said
    assert "<i>At the top</i>" in said
    first, second = (line for line in said.split("\n") if "-->" in line)
    assert [_ms(first[:12]), _ms(first[17:29]), _ms(second[17:29])] == pytest.approx([1001, 3003, 4004], abs=FRAME_MS)
    assert "line:84%" in first
    assert "line:10%" in second


def _ms(clock: str) -> int:
    hours, minutes, seconds = clock.split(":")
    return round(1000 * (int(hours) * 3600 + int(minutes) * 60 + float(seconds)))


def test_a_picture_without_captions_has_no_such_track(make_clip: Callable, plan_of: Callable) -> None:
    clip = make_clip()
    assert not probe_media(clip).picture.closed_captions
    assert plan_of(clip).text == ()


def test_flags_of_the_container_tell_tracks_apart(make_clip: Callable, plan_of: Callable, tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    flags = ["-disposition:s:0", "0", "-disposition:s:1", "forced", "-disposition:s:2", "hearing_impaired"]
    sounds = ["-disposition:a:0", "default", "-disposition:a:1", "comment", "-disposition:a:2", "visual_impaired"]
    clip, texts = ["-i", str(make_clip())], ["-i", str(tmp_path / "a.srt")] * 3
    maps = [part for stream in ("0:v", "0:a", "0:a", "0:a", "1", "2", "3") for part in ("-map", stream)]
    path = tmp_path / "film.mkv"
    run([ffmpeg(), "-v", "error", *clip, *texts, *maps, "-c", "copy", *flags, *sounds, str(path)], timeout_s=60)
    plan = plan_of(path)
    assert [text.name for text in plan.text] == ["en", "en-forced", "en-sdh"]
    assert [audio.name for audio in plan.audio] == [
        "en-aac-stereo",
        "en-commentary-aac-stereo",
        "en-description-aac-stereo",
    ]


def test_only_pictures_that_no_text_stands_for_are_read(accept: Callable, make_clip: Callable, tmp_path: Path) -> None:
    accepted = accept(make_clip())
    streams = [("subrip", "eng", "full"), ("dvd_subtitle", "eng", "full"), ("dvd_subtitle", "ger", "full"),
               ("hdmv_pgs_subtitle", "ger", "full"), ("dvd_subtitle", "eng", "forced")]  # fmt: skip
    text = tuple(
        TextStream(index=n, codec=codec, bitmap=codec != "subrip", language=language, kind=kind)
        for n, (codec, language, kind) in enumerate(streams, start=2)
    )
    held = accepted.model_copy(update={"media": accepted.media.model_copy(update={"text": text})})
    assert [(r.stream, r.name) for r in pictures_to_read(held)] == [(4, "de"), (6, "en-forced")]
    (tmp_path / "en.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    given = accept(make_clip(), tmp_path / "en.srt", subtitles=[{"file": "en.srt", "language": "en"}])
    assert pictures_to_read(given.model_copy(update={"media": held.media})) == []


@pytest.mark.parametrize(
    ("text", "settings", "becomes"),
    [
        ("{\\an8}Above", "line:0", "Above"),
        ("{\\an1}Left", "align:left", "Left"),
        ("{\\i1\\an6}Beside", "line:50% align:right", "Beside"),
        ("{\\an2}Below", "", "Below"),
        ('<font color="#FFFF00">Gold <i>old</i></font> end', "", "<c.yellow>Gold <i>old</i></c> end"),
        ('<font face="x">plain</font>', "", "plain"),
        ("<font color=white>plain</font>", "", "plain"),
        ("<font color='#00ff10'>open", "", "<c.lime>open</c>"),
        ("</font>stray", "", "stray"),
        ("<c.evil x>", "", "&lt;c.evil x&gt;"),
    ],
)
def test_styles_of_subrip_are_kept_as_far_as_webvtt_has_them(text: str, settings: str, becomes: str) -> None:
    (cue,) = read_subrip(f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n")
    assert (cue.settings, cue.text) == (settings, becomes)
