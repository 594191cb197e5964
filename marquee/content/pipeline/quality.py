"""Quality control of a delivery, and what a person decides about it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from marquee.catalogue import deliveries, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import QcReportRow, TitleState
from marquee.content.media import qc
from marquee.content.media.tracks import replaced_streams
from marquee.content.pipeline.progress import every
from marquee.content.pipeline.quality_marks import without_false
from marquee.content.pipeline.reading import Read, read_pictures, readings
from marquee.content.pipeline.stores import mezzanine, work
from marquee.contracts.base import Contract
from marquee.contracts.delivery import AcceptedDelivery, StoredTrack
from marquee.contracts.errors import InvalidInput, NotFound
from marquee.contracts.ids import Id
from marquee.contracts.qc import QcFinding, QcReport, Severity
from marquee.logs import log

WAIVE, REENCODE, REJECT = DECISIONS = ("Waive", "Re-encode", "Reject")
Kept = TypeVar("Kept", qc.Measured, qc.Heard)


class Checked(Contract):
    """A QC report in the catalogue. `decision` is set when a person has already judged this very report."""

    report_id: Id
    verdict: Severity
    summary: str
    decision: str | None


def check(delivery_id: int, profile: str) -> Checked:
    """Run QC on a delivery's mezzanine, once per delivery and profile; keep the report and its page.

    A film, and a sound file, is measured once, whatever is delivered with it. What a person has decided on the delivery
    that this one is based on holds, unless there is something new to decide. Findings that a person has called false
    stay in the report and have no weight.
    """
    with begin() as session:
        row, accepted = deliveries.accepted(session, delivery_id)
        stored = deliveries.find_report(session, delivery_id, profile)
    if stored is None:
        source = mezzanine().fetch(accepted.source.key)
        report = _judge(source, accepted, profile, read_pictures(source, accepted))
        page, grabs = f"qc/{delivery_id}/{profile}.html", qc.grabs(source, accepted.media, report)
        work().write(page, qc.render(report, grabs, accepted.metadata.name, readings(accepted)).encode())
        for at, picture in grabs.items():
            work().write(qc.grab_key(page, at), picture)
        with begin() as session:
            stored = deliveries.add_report(session, row, report, page)
            _keep_decision(session, stored, accepted)
    with begin() as session:
        stored = session.merge(stored)
        report = without_false(session, QcReport.model_validate(stored.document))
        stored.verdict = report.verdict
        _show_state(session, stored, report)
    log.info("qc", verdict=report.verdict, findings=len(report.findings), decision=stored.decision)
    return Checked(report_id=stored.id, verdict=report.verdict, summary=summarise(report), decision=stored.decision)


def _judge(source: Path, accepted: AcceptedDelivery, profile: str, read: Sequence[Read]) -> QcReport:
    media, progress = accepted.media, every(5, "qc")
    film = _once(qc.measured_key(media), qc.Measured, lambda: qc.measure(source, media, progress))
    return qc.judge(
        media,
        film,
        profile,
        subtitles=_captions(accepted),
        silent=accepted.metadata.silent,
        replaced=replaced_streams(accepted),
        sounds=[_heard(accepted, each, film.picture_end_s) for _, each in accepted.sounds],
        pictures=[each.row for each in read],
    )


def _heard(accepted: AcceptedDelivery, file: StoredTrack, picture_end_s: float) -> qc.Heard:
    if file.stream is None:
        raise InvalidInput("not a sound file", where=file.stored.name)
    info = qc.as_programme(accepted.media, file.demuxer, file.stream, file.stored.sha256)
    path, key = mezzanine().fetch(file.stored.key), qc.measured_key(info, picture_end_s)
    return _once(key, qc.Heard, lambda: qc.measure_sound(path, info, picture_end_s, every(5, file.stored.name)))


def _once(key: str, kind: type[Kept], make: Callable[[], Kept]) -> Kept:
    """What was measured before, else what is measured now."""
    try:
        return kind.model_validate_json(work().read(key))
    except NotFound:
        made = make()
        work().write(key, made.model_dump_json().encode())
        return made


def _captions(accepted: AcceptedDelivery) -> dict[str, qc.CaptionFile]:
    """The subtitle files that hold, by name; of two of one name the second says its language too."""
    found: dict[str, qc.CaptionFile] = {}
    for track, stored in accepted.subtitles:
        name = track.file if track.file not in found else f"{track.file} ({track.language} {track.kind})"
        found[name] = qc.CaptionFile(mezzanine().read(stored.key), track.language, track.encoding or "")
    return found


def _keep_decision(session: Session, stored: QcReportRow, accepted: AcceptedDelivery) -> None:
    """Decide as was decided on the report of the delivery before, where there is nothing new to decide."""
    based_on = accepted.based_on
    before = deliveries.find_report(session, based_on, stored.profile) if based_on else None
    if before is None or stored.decision is not None or before.decision not in (WAIVE, REENCODE):
        return
    fresh = _fresh_tracks(accepted, deliveries.accepted(session, before.delivery_id)[1])
    asked = _asked(without_false(session, QcReport.model_validate(stored.document)))
    if any(each.track in fresh for each in asked):
        return
    known = {_unnumbered(each) for each in _asked(QcReport.model_validate(before.document))}
    if {_unnumbered(each) for each in asked} <= known:
        reason = f"{before.decision_reason} (decided on report {before.id})"
        deliveries.decide(session, stored.id, before.decision, reason, before.decided_by or "")


def _fresh_tracks(accepted: AcceptedDelivery, before: AcceptedDelivery) -> set[str]:
    """Tracks, as reports number them, whose file was not there before."""
    known = {file.sha256 for file in before.files}
    sounds = enumerate((file.stored for _, file in accepted.sounds), start=len(accepted.media.audio))
    fresh = {f"audio{n}" for n, stored in sounds if stored.sha256 not in known}
    texts = enumerate(stored for _, stored in accepted.subtitles)
    return fresh | {f"captions{n}" for n, stored in texts if stored.sha256 not in known}


def _asked(report: QcReport) -> list[QcFinding]:
    """What a person is asked about."""
    return [finding for finding in report.findings if finding.severity is not Severity.PASS]


def _unnumbered(finding: QcFinding) -> QcFinding:
    """A finding without regard to its track's number, which a track added or left out changes."""
    return finding.model_copy(update={"track": finding.track.rstrip("0123456789")})


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
        report = without_false(session, QcReport.model_validate(stored.document))
        _show_state(session, stored, report)
    return Checked(report_id=stored.id, verdict=report.verdict, summary=summarise(report), decision=decision)


def rejected(session: Session, delivery_id: int) -> bool:
    """Whether QC or a person has turned a delivery away."""
    told = deliveries.reports(session, delivery_id)
    return any(row.verdict == Severity.FAIL or row.decision == REJECT for row in told)


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
