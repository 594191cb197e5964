from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from marquee.content.delivery.probe import probe_media
from marquee.content.media import qc
from marquee.content.media.qc.timeline import ticks, timecode
from marquee.contracts.qc import QcFinding, QcReport, Severity
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>"""
CHROMIUM = "/usr/bin/chromium"


Element = tuple[str, list[tuple[str, str | None]]]


def elements(page: str) -> list[Element]:
    """Tags and attributes as a browser would read them."""
    found: list[Element] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, attributes))  # type: ignore[method-assign]
    parser.feed(page)
    return found


def report(**changes: object) -> QcReport:
    body = {"mezzanine_sha256": "ab" * 32, "profile": "ebu-r128", "duration_s": 60.0, "measured": {"frames": 1500}}
    return QcReport.model_validate(body | changes)


@pytest.fixture(scope="module")
def faulty_page(faulty: Path, check: Callable) -> tuple[QcReport, dict[float, bytes], str]:
    checked = check(faulty, subtitles={"en.srt": qc.CaptionFile(b"1\n00:00:01,000 --> 00:00:20,000\nHello\n")})
    pictures = qc.grabs(faulty, probe_media(faulty), checked)
    return checked, pictures, qc.render(checked, pictures, "A faulty film")


def test_a_page_needs_nothing_from_outside(faulty_page: tuple) -> None:
    _, _, page = faulty_page
    addresses = [value for _, attributes in elements(page) for name, value in attributes if name in ("src", "href")]
    assert addresses
    assert all(address.startswith("data:image/jpeg;base64,") for address in addresses)
    assert "http" not in page
    assert "url(" not in page
    assert "@import" not in page


def test_every_finding_is_on_the_page_with_its_time_and_picture(faulty_page: tuple) -> None:
    checked, pictures, page = faulty_page
    assert len(checked.findings) == 4
    for finding in checked.findings:
        assert finding.message in page
        assert finding.start_s is None or timecode(finding.start_s) in page
    assert "captions 1 (en.srt)" in page
    assert page.count("data:image/jpeg;base64,") == len(pictures) == 4


def test_grabs_show_the_moment(faulty_page: tuple) -> None:
    checked, pictures, _ = faulty_page
    black = next(f for f in checked.findings if f.check == "black")
    at = (black.start_s + black.end_s) / 2
    opened = {moment: Image.open(BytesIO(content)) for moment, content in pictures.items()}
    assert {(image.format, image.size) for image in opened.values()} == {("JPEG", (320, 180))}
    lightest = {moment: image.convert("L").getextrema()[1] for moment, image in opened.items()}
    assert lightest.pop(round(at, 3)) < 20
    assert min(lightest.values()) > 100


def test_a_grab_counts_from_the_programmes_start(faulty: Path) -> None:
    """A transport stream's clock begins where it likes."""
    late = faulty.with_name("late.ts")
    run([ffmpeg(), "-v", "error", "-i", str(faulty), "-c", "copy", "-output_ts_offset", "100", str(late)], timeout_s=60)
    info = probe_media(late)
    assert info.picture.start_s > 100
    moments = [{"check": "x", "severity": "warn", "message": "", "start_s": t} for t in (1.5, 2.5, 4.5, 5.5)]
    taken = qc.grabs(late, info, report(findings=moments))
    dark = {at: Image.open(BytesIO(content)).convert("L").getextrema()[1] < 20 for at, content in taken.items()}
    assert dark == {1.5: False, 2.5: True, 4.5: True, 5.5: False}


def test_the_gravest_findings_get_the_grabs(faulty: Path) -> None:
    findings = [QcFinding(check="black", severity=s, message="", start_s=t) for t, s in ((1, "warn"), (8, "fail"))]
    taken = qc.grabs(faulty, probe_media(faulty), report(findings=findings), limit=1)
    assert list(taken) == [8.0]


def test_a_moment_without_a_picture_is_left_out(faulty: Path) -> None:
    findings = [QcFinding(check="truncated", severity=Severity.FAIL, message="", start_s=500)]
    assert qc.grabs(faulty, probe_media(faulty), report(findings=findings)) == {}


def test_all_text_is_escaped() -> None:
    finding = {"check": HOSTILE, "severity": "fail", "message": HOSTILE, "expected": HOSTILE, "got": HOSTILE}
    page = qc.render(
        report(
            findings=[finding | {"start_s": 3, "track": "captions0"}],
            measured={"frames": 1, "audio0_language": HOSTILE, "captions0_name": HOSTILE, "decode_error": HOSTILE},
            intervals=[{"check": "silence", "start_s": 1, "end_s": 2, "track": "audio0"}],
        ),
        {3.0: b"\xff\xd8"},
        HOSTILE,
    )
    found = elements(page)
    assert [tag for tag, _ in found].count("script") == 1
    assert [dict(attributes)["src"][:5] for tag, attributes in found if tag == "img"] == ["data:"]
    assert not [name for _, attributes in found for name, _ in attributes if name.startswith("on")]


def test_the_empty_states() -> None:
    page = qc.render(report(), {}, "Silent and clean")
    assert "no sound to measure" in page
    assert "No findings" in page
    assert "Pass" in page
    assert qc.render(report(duration_s=0.0), {}, "Nothing at all")


@pytest.mark.parametrize(("severity", "word"), [("pass", "Pass"), ("warn", "Held"), ("fail", "Fail")])
def test_the_verdict_leads(severity: str, word: str) -> None:
    page = qc.render(report(findings=[{"check": "x", "severity": severity, "message": "m"}]), {}, "Film")
    assert f'<div class="verdict {severity}"><b>{word}</b>' in page


@pytest.mark.parametrize("duration_s", [0.04, 8, 63.5, 5400, 40_000])
def test_the_axis_has_few_ticks_within_the_programme(duration_s: float) -> None:
    places = [place for place, _ in ticks(duration_s)]
    assert places == sorted(places)
    assert 1 <= len(places) <= 13
    assert places[0] == 0
    assert places[-1] <= 100


def test_timecodes_round_without_carrying_wrong() -> None:
    assert [timecode(t) for t in (0, 59.9996, 3661.5)] == ["00:00:00.000", "00:01:00.000", "01:01:01.500"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_in_a_browser(browser: Browser, faulty_page: tuple, tmp_path: Path, width: int) -> None:
    """Nothing runs over the side, no error, and a finding's time moves the playhead."""
    (tmp_path / "report.html").write_text(faulty_page[2])
    page = browser.new_page(viewport={"width": width, "height": 800})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "report.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="00:00:02.000").click()
    assert page.locator("#now").text_content() == "00:00:03.500"
    page.get_by_label("Playhead").fill("9")
    assert page.locator("#now").text_content() == "00:00:09.000"
    assert errors == []
    page.close()
