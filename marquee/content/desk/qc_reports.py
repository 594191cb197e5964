"""QC reports as the desk shows them: with marks and counts, a clip at a finding, two of them side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from marquee.catalogue import deliveries, qc_marks
from marquee.catalogue.database import begin
from marquee.catalogue.models import QcReportRow
from marquee.content.media import qc
from marquee.content.media.qc.frames import moment
from marquee.content.media.qc.timeline import timecode
from marquee.content.pipeline.reading import readings
from marquee.content.pipeline.stores import mezzanine, work
from marquee.contracts.delivery import AcceptedDelivery
from marquee.contracts.errors import InvalidInput
from marquee.contracts.qc import QcFinding, QcReport

__all__ = ["clip", "compared", "page", "timecode"]

CLIP_S, CLIP_TIMEOUT_S = 8.0, 120


@dataclass(frozen=True)
class Compared:
    """Two reports, and their findings: in both, in one alone. Findings are paired by check, track and nearest time."""

    a: qc.Column
    b: qc.Column
    both: list[tuple[QcFinding, QcFinding]]
    only_a: list[QcFinding]
    only_b: list[QcFinding]


def page(report_id: int, address: str, *, may_mark: bool) -> str:
    """A report as HTML, with its marks; `address` is where it takes new ones. Raises NotFound."""
    with begin() as session:
        row = deliveries.report(session, report_id)
        report, accepted = QcReport.model_validate(row.document), deliveries.accepted(session, row.delivery_id)[1]
        desk = qc.Desk(
            address=address,
            may_mark=may_mark,
            marks=_marks(session, report),
            counts={each.check: (each.found, each.false) for each in qc_marks.summary(session)},
            others=_others(session, row),
        )
    return qc.render(report, _grabs(row.page, report), accepted.metadata.name, readings(accepted), desk)


def clip(report_id: int, at_s: float, track: str) -> bytes:
    """Eight seconds of the source from a second of the programme on, as a small MP4 with the sound of that track.

    Raises NotFound for a report or a source that is gone, InvalidInput for a place outside, ToolFailed for one that
    cannot be decoded.
    """
    with begin() as session:
        row = deliveries.report(session, report_id)
        _, accepted = deliveries.accepted(session, row.delivery_id)
        length_s = float(row.document["duration_s"])
    if not 0 <= at_s <= length_s:
        raise InvalidInput("not in the film", where="at", expected=f"0 to {length_s:.3f} s", got=str(at_s))
    number = track.removeprefix("audio")
    audio = int(number) if track.startswith("audio") and number.isdecimal() and len(number) < 4 else 0
    source = mezzanine().fetch(accepted.source.key)
    return qc.clip(source, accepted.media, at_s, CLIP_S, audio, timeout_s=CLIP_TIMEOUT_S)


def compared(a: int, b: int) -> Compared:
    """Two reports side by side. Raises NotFound."""
    with begin() as session:
        rows = [deliveries.report(session, each) for each in (a, b)]
        reports = [QcReport.model_validate(row.document) for row in rows]
        columns = [qc.column(r, _name(session, row), _label(row)) for r, row in zip(reports, rows, strict=True)]
    both, only_a, only_b = qc.paired(reports[0].findings, reports[1].findings)
    return Compared(columns[0], columns[1], both, only_a, only_b)


def _name(session: Session, row: QcReportRow) -> str:
    found: AcceptedDelivery = deliveries.accepted(session, row.delivery_id)[1]
    return found.metadata.name


def _marks(session: Session, report: QcReport) -> dict[int, qc.Mark]:
    marks = qc_marks.of_source(session, report.mezzanine_sha256)
    found = {n: qc_marks.mark_on(marks, finding) for n, finding in enumerate(report.findings)}
    return {n: qc.Mark(mark.reason, mark.marked_by, mark.marked_at) for n, mark in found.items() if mark}


def _others(session: Session, row: QcReportRow) -> list[tuple[str, str]]:
    own = QcReportRow.title_id == row.title_id, QcReportRow.id != row.id
    rows = session.scalars(select(QcReportRow).where(*own).order_by(QcReportRow.created_at.desc()).limit(20))
    return [(str(each.id), _label(each)) for each in rows]


def _label(row: QcReportRow) -> str:
    return f"{row.created_at:%Y-%m-%d %H:%M}, {row.profile}, {row.verdict}"


def _grabs(page_key: str, report: QcReport) -> Mapping[float, bytes]:
    """The pictures that were taken with the report, as far as they are kept."""
    moments = {at for finding in report.findings if (at := moment(finding)) is not None}
    keys = {at: qc.grab_key(page_key, at) for at in moments}
    return {at: work().read(key) for at, key in keys.items() if work().exists(key)}
