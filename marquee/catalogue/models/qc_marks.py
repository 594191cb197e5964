"""Findings of QC that a person has called false."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class QcMark(Base):
    """A finding that is false, as a person says. It holds for the source, whatever report finds it again.

    `source` is the mezzanine's SHA-256, `got` what was found, for whoever tunes the threshold.
    """

    __tablename__ = "qc_marks"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(index=True)
    check: Mapped[str]
    track: Mapped[str]
    start_s: Mapped[float | None]
    end_s: Mapped[float | None]
    report_id: Mapped[int] = mapped_column(ForeignKey("qc_reports.id", ondelete="CASCADE"), index=True)
    profile: Mapped[str]
    got: Mapped[str]
    reason: Mapped[str]
    marked_by: Mapped[str]
    marked_at: Mapped[datetime] = mapped_column(default=now)
