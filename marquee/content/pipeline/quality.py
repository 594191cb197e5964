"""Quality control of a delivery, and what a person decides about it."""

from sqlalchemy.orm import Session

from marquee.catalogue import deliveries, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import QcReportRow, TitleState
from marquee.content.media import qc
from marquee.content.pipeline.progress import every
from marquee.content.pipeline.stores import mezzanine, work
from marquee.contracts.base import Contract
from marquee.contracts.delivery import AcceptedDelivery
from marquee.contracts.errors import InvalidInput
from marquee.contracts.ids import Id
from marquee.contracts.qc import QcFinding, QcReport, Severity
from marquee.logs import log

WAIVE, REENCODE, REJECT = DECISIONS = ("Waive", "Re-encode", "Reject")


class Checked(Contract):
    """A QC report in the catalogue. `decision` is set when a person has already judged this very report."""

    report_id: Id
    verdict: Severity
    summary: str
    decision: str | None


def check(delivery_id: int, profile: str) -> Checked:
    """Run QC on a delivery's mezzanine, once per delivery and profile; keep the report and its page."""
    with begin() as session:
        row, accepted = deliveries.accepted(session, delivery_id)
        stored = deliveries.find_report(session, delivery_id, profile)
    if stored is None:
        source = mezzanine().fetch(accepted.source.key)
        captions, silent = _captions(accepted), accepted.metadata.silent
        report = qc.check(
            source, accepted.media, profile, subtitles=captions, silent=silent, on_progress=every(5, "qc")
        )
        page = f"qc/{delivery_id}/{profile}.html"
        work().write(page, qc.render(report, qc.grabs(source, accepted.media, report), accepted.metadata.name).encode())
        with begin() as session:
            stored = deliveries.add_report(session, row, report, page)
    report = QcReport.model_validate(stored.document)
    log.info("qc", verdict=report.verdict, findings=len(report.findings), decision=stored.decision)
    with begin() as session:
        _show_state(session, stored, report)
    return Checked(report_id=stored.id, verdict=report.verdict, summary=summarise(report), decision=stored.decision)


def _captions(accepted: AcceptedDelivery) -> dict[str, qc.CaptionFile]:
    """The delivered subtitle files, by name."""
    found = {}
    for track in accepted.metadata.subtitles:
        content = mezzanine().read(accepted.stored(track.file).key)
        found[track.file] = qc.CaptionFile(content, track.language, track.encoding or "")
    return found


def _show_state(session: Session, stored: QcReportRow, report: QcReport) -> None:
    if report.verdict is Severity.FAIL or stored.decision == REJECT:
        titles.set_state(session, stored.title_id, TitleState.REJECTED, reasons(report))
    elif report.verdict is Severity.WARN and stored.decision is None:
        titles.set_state(session, stored.title_id, TitleState.ON_HOLD, reasons(report))
    else:
        titles.set_state(session, stored.title_id, TitleState.PROCESSING)


def decide(report_id: int, decision: str, reason: str, actor: str) -> Checked:
    """Record what a person decided about a held title: Waive, Re-encode or Reject, with the reason.

    Raises InvalidInput for another decision or an empty reason, Conflict when it was decided otherwise before.
    """
    if decision not in DECISIONS:
        raise InvalidInput("not a decision", where="decision", expected=", ".join(DECISIONS), got=repr(decision))
    if not reason.strip():
        raise InvalidInput("a decision needs its reason", where="reason", expected="some words", got=repr(reason))
    with begin() as session:
        stored = deliveries.decide(session, report_id, decision, reason.strip(), actor)
        report = QcReport.model_validate(stored.document)
        _show_state(session, stored, report)
    return Checked(report_id=stored.id, verdict=report.verdict, summary=summarise(report), decision=decision)


def summarise(report: QcReport) -> str:
    """The findings as a Markdown list, worst first, for the person who decides."""
    return "\n".join(f"- **{f.severity}** {_sentence(f)}" for f in _worst_first(report)) or "Nothing to report."


def reasons(report: QcReport) -> str:
    """What keeps a title from passing, a line each, worst first."""
    return "\n".join(_sentence(f) for f in _worst_first(report) if f.severity is not Severity.PASS)


def _worst_first(report: QcReport) -> list[QcFinding]:
    order = list(reversed(Severity))
    return sorted(report.findings, key=lambda f: order.index(f.severity))


def _sentence(finding: QcFinding) -> str:
    at = "" if finding.start_s is None else f" (at {finding.start_s:.1f} s)"
    return f"{finding.message}{at}"
