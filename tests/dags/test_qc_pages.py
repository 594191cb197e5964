"""QC reports as Airflow's server gives them: marks by those who may, clips at findings, two reports side by side."""

import json
import re
from collections.abc import Callable

import pytest

from marquee.catalogue import deliveries, qc_marks
from marquee.catalogue.database import begin
from marquee.cli import quality as commands
from marquee.content.delivery.compose import compose
from marquee.content.pipeline import ingest, quality, quality_marks
from marquee.contracts.errors import InvalidInput, NotFound
from marquee.contracts.qc import QcReport, Severity
from marquee.settings import settings
from tests.conftest import MakeClip
from tests.dags.test_title_pages import ask, get

pytestmark = pytest.mark.usefixtures("catalogue")

VIDEO = "testsrc2=size=320x180:rate=25:duration=7,drawbox=t=fill:c=black:enable='between(n,50,124)'"


@pytest.fixture
def checked(catalogue: None, make_clip: MakeClip) -> Callable[[str], quality.Checked]:
    """QC's word on a film that is black from 2 to 5 s, under a profile; the film is delivered once."""
    clip = make_clip("dark.mp4", seconds=7, video=VIDEO)
    taken = ingest.ingest(compose(settings().inbox, clip, title="A dark film", year=2026))
    return lambda profile: quality.check(taken.delivery_id, profile)


def report_of(report_id: int) -> QcReport:
    with begin() as session:
        return QcReport.model_validate(deliveries.report(session, report_id).document)


def test_a_false_finding_has_no_weight_in_any_report_on_the_film(
    checked: Callable[[str], quality.Checked], capsys: pytest.CaptureFixture[str]
) -> None:
    held = checked("ebu-r128")
    (black,) = [f for f in report_of(held.report_id).findings if f.severity is not Severity.PASS]
    assert (held.verdict, black.check) == (Severity.WARN, "black")
    with pytest.raises(InvalidInput):
        quality_marks.mark_false(held.report_id, 0, reason=" ", actor="ada")
    with pytest.raises(NotFound):
        quality_marks.mark_false(held.report_id, 1, reason="no", actor="ada")
    assert quality_marks.mark_false(held.report_id, 0, reason="a fade", actor="ada").verdict is Severity.PASS
    assert checked("ebu-r128").verdict is Severity.PASS
    assert checked("atsc-a85").verdict is Severity.PASS  # found anew, and false already
    (count,) = quality_marks.summary("ebu-r128")
    assert (count.check, count.found, count.false, count.share) == ("black", 1, 1, 1.0)
    commands.marks(profile="atsc-a85", latest=5)
    said = capsys.readouterr().out
    assert re.search(r"black +1 found +1 false +100.0 %", said)
    assert "ada: a fade" in said
    with begin() as session:
        (mark,) = qc_marks.of_source(session, report_of(held.report_id).mezzanine_sha256)
        assert (mark.marked_by, mark.reason, mark.got) == ("ada", "a fade", black.got)
    assert quality_marks.take_back(held.report_id, 0, actor="ada").verdict is Severity.WARN
    assert checked("atsc-a85").verdict is Severity.WARN


def test_a_mark_follows_a_finding_that_moves_a_little(checked: Callable[[str], quality.Checked]) -> None:
    held = checked("ebu-r128")
    quality_marks.mark_false(held.report_id, 0, reason="a fade", actor="ada")
    finding = report_of(held.report_id).findings[0]
    with begin() as session:
        marks = qc_marks.of_source(session, report_of(held.report_id).mezzanine_sha256)
    for moved_s, is_same in ((0.0, True), (0.4, True), (-0.4, True), (0.6, False), (-0.6, False)):
        moved = finding.model_copy(update={"start_s": (finding.start_s or 0) + moved_s})
        assert (qc_marks.mark_on(marks, moved) is not None) is is_same, moved_s
    assert qc_marks.mark_on(marks, finding.model_copy(update={"check": "freeze"})) is None
    assert qc_marks.mark_on(marks, finding.model_copy(update={"start_s": None})) is None


def test_the_pages(checked: Callable[[str], quality.Checked]) -> None:
    a, b = checked("ebu-r128").report_id, checked("archive").report_id
    mark = {"data": {"reason": "<i>a fade</i>"}}
    other_site = {"headers": {"sec-fetch-site": "cross-site"}, **mark}
    told = ask(
        get(f"/qc?report={a}"),
        get(f"/qc?report={a}", **{"x-user": "VIEWER"}),
        ("POST", f"/qc/{a}/findings/0/false", other_site),
        ("POST", f"/qc/{a}/findings/0/false", mark),
        get(f"/qc?report={a}"),
        ("POST", f"/qc/{a}/findings/0/weigh", {}),
        get(f"/qc?report={a}"),
        get(f"/qc/compare?a={a}&b={b}"),
        get(f"/qc/{a}/clip.mp4?at=1.5&track=audio0"),
        get(f"/qc/{a}/clip.mp4?at=99"),
        get(f"/qc/{a}/clip.mp4?at=1", **{"x-user": "VIEWER"}),
        get("/qc?report=12345"),
    )
    assert {status for _, _, status in told["strangers"]} == {401}
    assert {status for _, _, status in told["viewers"]} == {403}
    statuses = [status for status, _, _ in told["answers"]]
    assert statuses == [200, 200, 403, 303, 200, 303, 200, 200, 200, 422, 403, 404]
    first, viewers, _, moved, marked, _, again, compared, clip, *_ = [text for _, text, _ in told["answers"]]
    assert "Black picture for 3 s" in first
    assert "data:image/jpeg" in first
    assert "/findings/0/false" in first
    assert "/findings/" not in viewers
    assert all(text in marked for text in ("&lt;i&gt;a fade", "Called false by USER", "<b>Pass</b>"))
    assert "<b>Held</b>" in again
    assert told["answers"][3][2]["location"].endswith(f"/qc?report={a}#finding-0")
    assert "not found" in compared
    assert compared.count("A dark film") == 2
    assert "ftyp" in clip
    assert json.dumps(told["answers"][8][2]).count("no-store") == 1
    assert not re.search(r"https?://", first)
    assert not moved
