import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

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


def on_the_desk(page: str, clip: Path, browser: Browser) -> Iterator[tuple[list[str], Page]]:
    """The page as a server gives it, and what it asked for."""
    asked: list[str] = []
    context = browser.new_context(viewport={"width": 390, "height": 800})

    def answer(route: Route) -> None:
        asked.append(route.request.url.removeprefix("http://desk.test"))
        if "clip.mp4" in route.request.url:
            route.fulfill(body=clip.read_bytes(), content_type="video/mp4")
        else:
            route.fulfill(body=page, content_type="text/html")

    context.route("http://desk.test/**", answer)
    opened = context.new_page()
    opened.goto("http://desk.test/marquee/qc?report=7")
    yield asked, opened
    context.close()


@pytest.fixture
def desk(faulty_page: tuple, faulty: Path, browser: Browser) -> Iterator[tuple[list[str], Page]]:
    checked, pictures, _ = faulty_page
    marks = {1: qc.Mark("an <i>artistic</i> choice", "ada", datetime(2026, 11, 30, tzinfo=UTC))}
    desk = qc.Desk("/marquee/qc/7", True, marks, {"black": (4, 1)}, [("8", "another")])
    yield from on_the_desk(qc.render(checked, pictures, "A faulty film", desk=desk), faulty, browser)


def test_a_finding_is_played_where_it_is(desk: tuple[list[str], Page]) -> None:
    asked, page = desk
    page.get_by_role("button", name="00:00:02.000").click()
    video = page.locator("video")
    expect(video).to_be_visible()
    assert asked[-1] == "/marquee/qc/7/clip.mp4?at=0&track="
    page.wait_for_function("document.querySelector('video').currentTime > 0.2")
    page.wait_for_function("document.getElementById('head').value > 0.2")
    page.get_by_role("button", name="00:00:07").click()
    assert re.search(r"clip\.mp4\?at=5(\.\d+)?&track=audio0$", asked[-1])


def test_marks_are_made_and_shown_on_the_desk(desk: tuple[list[str], Page]) -> None:
    asked, page = desk
    assert page.locator("tr.false").count() == 1
    expect(page.locator("tr.false")).to_contain_text("Called false by ada, 2026-11-30 00:00: an <i>artistic</i> choice")
    expect(page.get_by_text("Of 4 findings of this check in all films, 1 were called false.")).to_have_count(1)
    first = page.locator("tr:not(.false) details").first
    first.locator("summary").click()
    first.get_by_label("Why").fill("a fade")
    first.get_by_role("button").click()
    assert re.fullmatch(r"/marquee/qc/7/findings/\d/false", asked[-1])
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_what_is_false_has_no_weight_in_the_verdict(faulty_page: tuple) -> None:
    checked, _, _ = faulty_page
    marks = dict.fromkeys(range(len(checked.findings)), qc.Mark("no", "ada", datetime.now(UTC)))
    page = qc.render(checked, {}, "Film", desk=qc.Desk("/qc/7", False, marks, {}, []))
    assert '<div class="verdict pass"><b>Pass</b>' in page
    assert "<form" not in page
