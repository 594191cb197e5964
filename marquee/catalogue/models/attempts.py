"""Failed attempts, by whom they are counted."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base


class AttemptRow(Base):
    """Failures of one subject (an address, a network, both), by the SHA-256 of its name. Not logged: it may be lost."""

    __tablename__ = "attempts"
    subject_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 (read by SQLAlchemy)
