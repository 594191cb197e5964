"""Deliveries as intake judged them, and the QC reports on them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class DeliveryState(StrEnum):
    """How intake judged a delivery."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class DeliveryRow(Base):
    """A delivery as judged. `document` is the AcceptedDelivery or the Refusal."""

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(index=True)
    fingerprint: Mapped[str]
    state: Mapped[str]
    title_id: Mapped[int | None] = mapped_column(ForeignKey("titles.id", ondelete="SET NULL"), index=True)
    document: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("slug", "fingerprint", "state"),)


class QcReportRow(Base):
    """QC of one delivery. A held title waits until `decision` is set; `page` is the HTML in the work store."""

    __tablename__ = "qc_reports"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    title_id: Mapped[int] = mapped_column(ForeignKey("titles.id", ondelete="CASCADE"))
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)
    profile: Mapped[str]
    verdict: Mapped[str]
    document: Mapped[dict[str, Any]]
    page: Mapped[str]
    decision: Mapped[str | None]
    decision_reason: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (
        UniqueConstraint("delivery_id", "profile"),
        Index("ix_qc_reports_title_id", "title_id", "created_at"),
    )
