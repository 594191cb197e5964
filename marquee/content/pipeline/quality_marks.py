"""What people call false among QC's findings, and what is left of a report without that."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from marquee.catalogue import deliveries, qc_marks
from marquee.catalogue.database import begin
from marquee.catalogue.models import QcMark, QcReportRow
from marquee.contracts.errors import InvalidInput, NotFound
from marquee.contracts.qc import QcFinding, QcReport
from marquee.logs import log

LONGEST_REASON = 400


def mark_false(report_id: int, finding: int, *, reason: str, actor: str) -> QcReport:
    """Call a finding false, by its place in the report; the report without what is false.

    The mark holds for the film's bytes: other reports on them, and later ones, do not weigh the finding either. Marked
    again, the first mark stays. Raises NotFound, InvalidInput for an empty reason.
    """
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise InvalidInput("a mark needs its reason", where="reason", expected="some words", got=repr(reason))
    with begin() as session:
        row, report, meant = _finding(session, report_id, finding)
        if qc_marks.mark_on(qc_marks.of_source(session, report.mezzanine_sha256), meant) is None:
            session.add(_mark(row, report, meant, reason, actor))
        log.info("finding marked false", report=report_id, check=meant.check, start_s=meant.start_s, actor=actor)
        return _weigh_anew(session, report)


def take_back(report_id: int, finding: int, *, actor: str) -> QcReport:
    """Take the mark off a finding; one without a mark stays as it is. Raises NotFound."""
    with begin() as session:
        _, report, meant = _finding(session, report_id, finding)
        marks = qc_marks.of_source(session, report.mezzanine_sha256)
        qc_marks.unmark(session, [mark.id for mark in marks if qc_marks.same(mark, meant)])
        log.info("mark taken back", report=report_id, check=meant.check, start_s=meant.start_s, actor=actor)
        return _weigh_anew(session, report)


def without_false(session: Session, report: QcReport) -> QcReport:
    """A report without the findings that people call false: what its verdict is made of."""
    marks = qc_marks.of_source(session, report.mezzanine_sha256)
    kept = tuple(finding for finding in report.findings if qc_marks.mark_on(marks, finding) is None)
    return report.model_copy(update={"findings": kept})


def summary(profile: str = "") -> Sequence[qc_marks.CheckCount]:
    """How many findings of each check people call false."""
    with begin() as session:
        return qc_marks.summary(session, profile)


def _finding(session: Session, report_id: int, number: int) -> tuple[QcReportRow, QcReport, QcFinding]:
    row = deliveries.report(session, report_id)
    report = QcReport.model_validate(row.document)
    if not 0 <= number < len(report.findings):
        raise NotFound("no such finding", where=f"report {report_id}", got=str(number))
    return row, report, report.findings[number]


def _mark(row: QcReportRow, report: QcReport, meant: QcFinding, reason: str, actor: str) -> QcMark:
    place = {"check": meant.check, "track": meant.track, "start_s": meant.start_s, "end_s": meant.end_s}
    told = {"profile": report.profile, "got": meant.got, "reason": reason, "marked_by": actor}
    return QcMark(source=report.mezzanine_sha256, report_id=row.id, **place, **told)


def _weigh_anew(session: Session, report: QcReport) -> QcReport:
    """Give all reports on the same bytes the verdict that is left to them."""
    session.flush()
    same_source = QcReportRow.document["mezzanine_sha256"].as_string() == report.mezzanine_sha256
    for row in session.scalars(select(QcReportRow).where(same_source)):
        row.verdict = without_false(session, QcReport.model_validate(row.document)).verdict
    return without_false(session, report)
