"""Subtitles read from pictures: held for a person, who sees each picture beside its words."""

import base64
from urllib.parse import unquote

import pytest

from marquee.content.media import qc
from marquee.content.media.ocr import ReadCue, ReadTrack
from marquee.content.media.qc.inspect import judge
from marquee.content.media.qc.measure import Measured
from marquee.contracts.errors import Unavailable
from marquee.contracts.media import MediaInfo, TextStream, VideoStream
from marquee.contracts.qc import Measures, QcReport, Severity

PICTURE = base64.b64encode(b"picture").decode()


def cue(start_ms: int, text: str, confidence: float) -> ReadCue:
    return ReadCue(
        start_ms=start_ms, end_ms=start_ms + 900, text=text, settings="", confidence=confidence, picture=PICTURE
    )


TRACK = ReadTrack(
    stream=2, language="en", cues=(cue(11_000, "<c.yellow>Sure &amp; safe</c>", 95), cue(12_000, "</td>doubtful", 41))
)


@pytest.fixture
def film() -> MediaInfo:
    picture = VideoStream(
        index=0, codec="h264", width=64, height=64, frame_rate="25/1", base_rate="25/1", frames=250, start_s=10,
        duration_s=10, pixel_format="yuv420p",
    )  # fmt: skip
    text = TextStream(index=2, codec="dvd_subtitle", bitmap=True, language="eng")
    return MediaInfo(
        sha256="0" * 64, size=1, demuxer="matroska", duration_s=10, video=(picture,), audio=(), text=(text,)
    )


def report(film: MediaInfo, *rows: Measures) -> QcReport:
    measured = Measured(end_s=10, picture_end_s=10, picture={}, audio=(), intervals=(), curves=None)
    return judge(film, measured, "ebu-r128", silent=True, pictures=rows)


def checks(found: QcReport) -> dict[str, Severity]:
    return {finding.check: finding.severity for finding in found.findings}


def test_what_was_read_is_held_unless_it_is_trusted(film: MediaInfo) -> None:
    held = report(film, qc.pictures_row(TRACK, start_s=10, trusted=False))
    assert checks(held) == {"pictures_read": Severity.WARN}
    (finding,) = held.findings
    assert "2 captions, the least sure word at 41" in finding.message
    trusted = report(film, qc.pictures_row(TRACK, start_s=10, trusted=True))
    assert checks(trusted) == {}
    assert trusted.measured["pictures0_cues"] == 2


def test_pictures_without_a_word_are_named_by_their_time(film: MediaInfo) -> None:
    empty = TRACK.model_copy(update={"cues": (*TRACK.cues, cue(13_500, "", 0))})
    held = report(film, qc.pictures_row(empty, start_s=10, trusted=True))
    (finding,) = held.findings
    assert (finding.check, finding.start_s) == ("pictures_without_words", 3.5)


def test_what_cannot_be_read_says_why_and_counts_as_left_out(film: MediaInfo) -> None:
    missing = Unavailable("Tesseract has no language pack for de", expected="apt-get install tesseract-ocr-deu")
    held = report(film, qc.unread_row(2, "de", missing))
    assert checks(held) == {"pictures_unread": Severity.WARN, "only_picture_subtitles": Severity.WARN}
    assert any("apt-get install tesseract-ocr-deu" in finding.message for finding in held.findings)


def test_the_page_shows_each_picture_beside_its_words_least_sure_first(film: MediaInfo) -> None:
    held = report(film, qc.pictures_row(TRACK, start_s=10, trusted=False))
    page = qc.render(held, {}, "A film", [qc.reading(TRACK, 10.0)])
    assert page.count(f"data:image/png;base64,{PICTURE}") == 2
    assert page.index("doubtful") < page.index("Sure &amp; safe")
    assert "</td>doubtful" not in page
    assert "00:00:01.000" in page
    (link,) = (part.split('"')[0] for part in page.split("data:text/vtt;charset=utf-8,")[1:])
    assert "00:00:01.000 --> 00:00:01.900\n<c.yellow>Sure &amp; safe</c>" in unquote(link)
