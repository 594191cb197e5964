"""What is known of the bytes of releases: when they were read through, what is suspected, what was found."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from marquee.catalogue.models.base import Base, now
from marquee.contracts.ids import new_id


class ReleaseCheckRow(Base):
    """When all replicas of a release were last compared with its document, and why they should be again, if anything.

    A suspicion stands until a check has begun after it.
    """

    __tablename__ = "release_checks"
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    checked_at: Mapped[datetime | None]
    suspected_at: Mapped[datetime | None]
    suspicion: Mapped[str | None]


class ReplicaFindingRow(Base):
    """What one check found wrong in one replica. `found` has the number of files by fault; `lost` are paths that no
    replica has whole."""

    __tablename__ = "replica_findings"
    id: Mapped[int] = mapped_column(primary_key=True, default=new_id)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), index=True)
    region: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    found: Mapped[dict[str, Any]]
    lost: Mapped[list[str]]
    repaired: Mapped[int]
