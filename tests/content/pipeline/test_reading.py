"""Subtitle pictures on their way: read once in QC, held, shown, and taken by encoding as they were read."""

from pathlib import Path

import pytest

from marquee.content.delivery.compose import compose
from marquee.content.media.subtitles import text_key
from marquee.content.pipeline import encoding, ingest, planning, plans, quality
from marquee.content.pipeline.stores import work
from marquee.contracts.errors import Unavailable
from marquee.contracts.plan import DrmScheme, TrackKind
from marquee.contracts.qc import Severity
from marquee.settings import settings
from marquee.tools import tesseract
from tests.content.media.subtitle_pictures import Drawn, film

pytestmark = pytest.mark.usefixtures("catalogue")
DRAWN = (Drawn(1, 2, "We are leaving now."), Drawn(3, 4, "Not without the dog!"))


@pytest.fixture
def delivered(tmp_path: Path) -> int:
    """The delivery of a film with such pictures."""
    clip = film(tmp_path, DRAWN)
    return ingest.ingest(compose(settings().inbox, clip, title="A film", year=2026)).delivery_id


def planned(delivery_id: int, report_id: int) -> planning.Planned:
    return planning.plan(delivery_id, report_id, ladder="preview", scheme=DrmScheme.NONE)


def test_pictures_are_read_held_and_shown_as_they_were_read(delivered: int, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        tesseract.require("en")
    except Unavailable as missing:
        pytest.skip(f"{missing.what} ({missing.expected})")
    checked = quality.check(delivered, "ebu-r128")
    assert (checked.verdict, checked.decision) == (Severity.WARN, None)
    assert "read from pictures" in checked.summary
    page = work().read(f"qc/{delivered}/ebu-r128.html").decode()
    assert page.count("data:image/png;base64,") == len(DRAWN)
    quality.decide(checked.report_id, quality.WAIVE, "compared", "me")
    monkeypatch.setenv("PATH", "/nowhere")  # it is not read again
    made = planned(delivered, checked.report_id)
    (job,) = (track for track in made.tracks if track.kind is TrackKind.TEXT)
    encoding.make_track(job)
    plan = plans.load(made.plan)
    said = work().read(text_key(plan, plan.text[0])).decode()
    assert "00:00:01.000 --> 00:00:02.000\nWe are leaving now.\n" in said
    assert "00:00:03.000 --> 00:00:04.000\nNot without the dog!\n" in said


def test_without_tesseract_the_film_goes_on_without_them(delivered: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    checked = quality.check(delivered, "ebu-r128")
    assert checked.verdict is Severity.WARN
    assert "apt-get install tesseract-ocr" in checked.summary
    made = plans.load(planned(delivered, checked.report_id).plan)
    assert made.text == ()
    assert any("left out" in note for note in made.notes)
