"""Deliveries as judged, and the QC reports on them."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import DeliveryRow, DeliveryState, QcReportRow, ReleaseRow, now
from marquee.contracts.delivery import AcceptedDelivery, Refusal
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.qc import QcReport


def accept(session: Session, delivery: AcceptedDelivery, title_id: int) -> DeliveryRow:
    """Record an accepted delivery; the same bytes again give the same row, as the latest."""
    row = _record(
        session,
        delivery.metadata.slug,
        delivery.fingerprint,
        DeliveryState.ACCEPTED,
        delivery.model_dump(mode="json"),
        title_id,
    )
    latest = latest_accepted(session, delivery.metadata.slug)
    if latest is not None and latest.id != row.id:
        row.received_at = now()
    return row


def refuse(session: Session, refusal: Refusal, fingerprint: str) -> DeliveryRow:
    """Record why a delivery was refused; the same bytes refused again leave the latest refusal."""
    document = refusal.model_dump(mode="json")
    row = _record(session, refusal.slug, fingerprint, DeliveryState.REFUSED, document, None)
    row.document, row.received_at = document, now()
    return row


def _record(
    session: Session, slug: str, fingerprint: str, state: str, document: dict[str, object], title_id: int | None
) -> DeliveryRow:
    same = {"slug": slug, "fingerprint": fingerprint, "state": state}
    statement = insert(DeliveryRow).values(**same, document=document, title_id=title_id)
    session.execute(statement.on_conflict_do_nothing())
    return session.scalars(select(DeliveryRow).filter_by(**same)).one()


def accepted(session: Session, delivery_id: int) -> tuple[DeliveryRow, AcceptedDelivery]:
    """An accepted delivery by id. Raises NotFound."""
    row = session.get(DeliveryRow, delivery_id)
    if row is None or row.state != DeliveryState.ACCEPTED:
        raise NotFound("no such accepted delivery", where="delivery_id", got=str(delivery_id))
    return row, AcceptedDelivery.model_validate(row.document)


def latest_accepted(session: Session, slug: str) -> DeliveryRow | None:
    return session.scalar(
        select(DeliveryRow)
        .where(DeliveryRow.slug == slug, DeliveryRow.state == DeliveryState.ACCEPTED)
        .order_by(DeliveryRow.received_at.desc())
        .limit(1)
    )


def of_release(session: Session, release: ReleaseRow) -> DeliveryRow | None:
    """The accepted delivery that a release was made from."""
    same = {"title_id": release.title_id, "fingerprint": release.fingerprint, "state": DeliveryState.ACCEPTED}
    return session.scalars(select(DeliveryRow).filter_by(**same)).first()


def of_slug(session: Session, slug: str) -> list[DeliveryRow]:
    """Every delivery of this name, accepted or refused."""
    return list(session.scalars(select(DeliveryRow).where(DeliveryRow.slug == slug)))


def add_report(session: Session, row: DeliveryRow, report: QcReport, page: str) -> QcReportRow:
    """Keep a QC report, unless there is one; `page` is the key of its HTML in the work store."""
    statement = insert(QcReportRow).values(
        title_id=row.title_id,
        delivery_id=row.id,
        profile=report.profile,
        verdict=report.verdict,
        document=report.model_dump(mode="json"),
        page=page,
    )
    session.execute(statement.on_conflict_do_nothing())
    return session.scalars(select(QcReportRow).filter_by(delivery_id=row.id, profile=report.profile)).one()


def find_report(session: Session, delivery_id: int, profile: str) -> QcReportRow | None:
    """The report on a delivery under a QC profile, if QC has run."""
    return session.scalar(select(QcReportRow).filter_by(delivery_id=delivery_id, profile=profile))


def reports(session: Session, delivery_id: int) -> list[QcReportRow]:
    """All reports on a delivery, the latest first."""
    wanted = select(QcReportRow).filter_by(delivery_id=delivery_id).order_by(QcReportRow.created_at.desc())
    return list(session.scalars(wanted))


def report(session: Session, report_id: int) -> QcReportRow:
    """Raises NotFound."""
    if row := session.get(QcReportRow, report_id):
        return row
    raise NotFound("no such QC report", where="report_id", got=str(report_id))


def decide(session: Session, report_id: int, decision: str, reason: str, actor: str) -> QcReportRow:
    """Record a person's decision on a held title. Raises Conflict when another was recorded before."""
    row = report(session, report_id)
    if row.decision not in (None, decision):
        raise Conflict("this report has been decided already", where=f"report {report_id}", got=row.decision or "")
    row.decision, row.decision_reason, row.decided_by, row.decided_at = decision, reason, actor, now()
    return row
