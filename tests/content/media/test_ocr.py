"""Subtitle pictures: read as drawn, when and where they were shown, and what stands in the way of it."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bench.ocr import CLIPS, accuracy, compare, starts_ms
from marquee.content.delivery.probe import probe_media
from marquee.content.media import ocr
from marquee.content.media.cues import read_subrip
from marquee.content.media.ocr.words import put_right, webvtt
from marquee.content.media.qc.pictures import pictures_row
from marquee.content.media.subtitles import convert_subtitles
from marquee.contracts.errors import Unavailable
from marquee.storage import Store
from marquee.tools import tesseract
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run
from marquee.tools.tesseract import Word
from tests.content.media.subtitle_pictures import Drawn, film

FRAME_MS = 40
YELLOW = (210, 146, 16)  # Y, Cr, Cb
DRAWN = (
    Drawn(1.0, 2.5, "I will be there at noon."),
    Drawn(2.5, 4.0, "Two lines of words,\nand both of them matter.", at=(416, 570)),
    Drawn(5.0, 6.0, "Look up here", at=(500, 40)),
    Drawn(6.0, 7.0, "He sang of the sea", slant=0.2),
    Drawn(7.0, 8.0, "Over on the left", at=(40, 620), colour=YELLOW),
)


@pytest.fixture(scope="module", autouse=True)
def _program() -> None:
    try:
        tesseract.require("en")
    except Unavailable as missing:
        pytest.skip(f"{missing.what} ({missing.expected})")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("drawn"), DRAWN)


def read(path: Path) -> ocr.ReadTrack:
    media = probe_media(path)
    (stream,) = media.text
    with TemporaryDirectory() as scratch:
        return ocr.read_track(path, media.demuxer, stream.index, stream.codec, "en", Path(scratch))


def test_what_is_drawn_is_read_when_and_where_it_was_shown(drawn: Path) -> None:
    cues = read(drawn).cues
    assert [(c.start_ms, c.end_ms) for c in cues] == [
        pytest.approx((1000 * d.start_s, 1000 * d.end_s), abs=2) for d in DRAWN
    ]
    styled = ["<i>He sang of the sea</i>", "<c.yellow>Over on the left</c>"]
    assert [cue.text for cue in cues] == [*(d.text for d in DRAWN[:3]), *styled]
    below, again, above, _, left = (cue.settings for cue in cues)
    assert (below, again, above) == ("", "", "line:6%")
    assert left.startswith("position:1")
    assert left.endswith("align:center")
    assert all(cue.confidence > 60 for cue in cues)


def test_two_texts_at_once_are_two_cues(tmp_path: Path) -> None:
    """One picture as high as the screen, its texts above and below."""
    apart = "Above\n\n\n\n\n\n\n\n\nBelow"
    cues = read(film(tmp_path, [Drawn(1, 2, apart, at=(560, 100))])).cues
    assert [(cue.text, cue.start_ms) for cue in cues] == [("Above", 1000), ("Below", 1000)]
    assert cues[0].settings.startswith("line:")
    assert cues[1].settings == ""


@pytest.mark.parametrize("name", list(CLIPS))
def test_real_clips_are_read_to_ninety_nine_per_cent(name: str, shared_media: Path) -> None:
    """The pictures of VobSub are not at their text's times: the stream's own packets say when."""
    path, text = (shared_media / file for file in CLIPS[name])
    track = read(path)
    pairs = compare(track.cues, read_subrip(text.read_text(encoding="utf-8-sig")))
    assert len(pairs) == {"pgs": 11, "vobsub": 16}[name]
    assert accuracy(pairs) >= 0.99
    written = {cue.start_ms for cue in track.cues if "<i>" in cue.text}
    assert written == {pair.read.start_ms for pair in pairs if "<i>" in pair.truth.text}  # no upright line is slanted
    own = starts_ms(path, probe_media(path), track.stream)
    assert max(min(abs(cue.start_ms - packet) for packet in own) for cue in track.cues) <= 2 * FRAME_MS
    if name == "pgs":
        assert max(abs(pair.read.start_ms - pair.truth.start_ms) for pair in pairs) <= 2 * FRAME_MS


def test_dvb_is_read_like_the_others(drawn: Path, tmp_path: Path) -> None:
    broadcast = tmp_path / "broadcast.mkv"
    run([ffmpeg(), "-v", "error", "-i", str(drawn), "-map", "0", "-c:v", "copy", "-c:s", "dvbsub", str(broadcast)],
        timeout_s=60)  # fmt: skip
    texts = [cue.text for cue in read(broadcast).cues]
    assert texts == [cue.text for cue in read(drawn).cues]


def test_a_track_is_read_once_and_lies_on_the_programmes_clock(
    plan_of: Callable, mezzanine: Store, work: Store, scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a film of another size than the pictures' screen, which would squeeze them."""
    late = film(tmp_path, DRAWN[:1], start_s=3, size="320x240")
    stream = probe_media(late).text[0].index
    assert plan_of(late).text == ()  # pictures that QC has not read
    plan = plan_of(late, measured={"pictures0_stream": stream, "pictures0_cues": 1})
    (rendition,) = plan.text
    result = convert_subtitles(plan, rendition, mezzanine, work, scratch)
    said = work.read(result.key).decode()
    assert (rendition.name, result.cues) == ("en", 1)
    assert "00:00:01.000 --> 00:00:02.500\nI will be there at noon.\n" in said
    monkeypatch.setenv("MARQUEE_TESSERACT", "/nowhere")
    assert convert_subtitles(plan, rendition, mezzanine, work, scratch) == result


def test_forced_pictures_among_others_are_a_track_of_their_own(
    plan_of: Callable, mezzanine: Store, work: Store, scratch: Path, tmp_path: Path
) -> None:
    path = film(tmp_path, [DRAWN[0], Drawn(5, 6, "Danger: keep out", forced=True)])
    track = read(path)
    assert ([cue.forced for cue in track.cues], track.forced) == ([False, True], 1)
    measured = {f"pictures0_{name}": value for name, value in pictures_row(track, start_s=0, trusted=False).items()}
    plan = plan_of(path, measured=measured)
    said = {}
    for text in plan.text:
        said[text.name] = work.read(convert_subtitles(plan, text, mezzanine, work, scratch).key).decode()
    assert {name: content.count("-->") for name, content in said.items()} == {"en": 2, "en-forced": 1}
    assert "Danger: keep out" in said["en-forced"]


@pytest.mark.parametrize(
    ("language", "pack"),
    [("en", "eng"), ("de-AT", "deu"), ("pt-BR", "por"), ("nb", "nor"), ("zh-TW", "chi_tra"), ("zh", "chi_sim")],
)
def test_languages_have_their_packs(language: str, pack: str) -> None:
    assert tesseract.pack(language) == pack


def test_a_missing_pack_is_named_before_the_film_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "packs", lambda: frozenset({"eng"}))
    with pytest.raises(Unavailable, match="tesseract-ocr-chi-sim"):
        ocr.read_track(tmp_path / "no film", "matroska", 1, "dvd_subtitle", "zh-Hans", tmp_path)


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Unavailable, match="apt-get install tesseract-ocr"):
        tesseract.tesseract()


@pytest.mark.parametrize(
    ("seen", "right"),
    [
        ("| ran into him", "I ran into him"),
        ("But l ran", "But I ran"),
        ("l'ami", "l'ami"),  # French
        ("all is well", "all is well"),
        ("<|>Sinbad</l>", "<i>Sinbad</i>"),
    ],
)
def test_only_what_is_beyond_doubt_is_put_right(seen: str, right: str) -> None:
    assert put_right(seen) == right


def test_words_become_safe_webvtt() -> None:
    line, below = (1, 1, 1), (1, 1, 2)
    words = [Word("<i>You", 90, line), Word("&", 90, line), Word("I</i>", 90, line), Word("-->", 90, below)]
    assert webvtt(words) == "<i>You &amp; I</i>\n--&gt;"
    assert webvtt([Word("<i>open", 90, line)], "cyan") == "<c.cyan>open</c>"
    assert webvtt([], "cyan") == ""


def test_italics_are_told_by_line_where_the_lines_agree() -> None:
    words = [Word("One", 90, (1, 1, 1)), Word("two", 90, (1, 1, 2))]
    assert webvtt(words, "", (True, False)) == "<i>One</i>\ntwo"
    assert webvtt(words, "", (True,)) == "<i>One</i>\n<i>two</i>"
    assert webvtt(words, "", (True, False, True)) == webvtt(words) == "One\ntwo"
