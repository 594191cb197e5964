"""Checks of replicas: which releases are due, what is suspected, what was found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import ReleaseCheckRow, ReleaseRow, ReleaseState, ReplicaFindingRow, now
from marquee.contracts.integrity import ReplicaFinding

LONGEST_SUSPICION = 500
FIELDS = tuple(ReplicaFinding.model_fields)


def suspect(session: Session, release_id: int, why: str) -> None:
    """Have a release checked before all that are due by age."""
    said = {"suspected_at": now(), "suspicion": why[:LONGEST_SUSPICION]}
    statement = insert(ReleaseCheckRow).values(release_id=release_id, **said)
    session.execute(statement.on_conflict_do_update(index_elements=["release_id"], set_=said))


def due(session: Session, before: datetime, most: int) -> list[tuple[int, str | None]]:
    """Releases to check, with what is suspected of them: those suspected, then those not checked since a moment.

    The longest unchecked come first; those never checked before all.
    """
    check = ReleaseCheckRow
    statement = (
        select(ReleaseRow.id, check.suspicion)
        .outerjoin(check, check.release_id == ReleaseRow.id)
        .where(ReleaseRow.document.is_not(None), ReleaseRow.state == ReleaseState.PUBLISHED)
        .where(or_(check.suspected_at.is_not(None), check.checked_at.is_(None), check.checked_at < before))
        .order_by(check.suspected_at.nulls_last(), check.checked_at.nulls_first(), ReleaseRow.id)
        .limit(most)
    )
    return [(release_id, why) for release_id, why in session.execute(statement)]


def checked(session: Session, release_id: int, began: datetime) -> None:
    """Note that a check of a release that began then has found every replica whole, or made it so."""
    statement = insert(ReleaseCheckRow).values(release_id=release_id, checked_at=began)
    session.execute(statement.on_conflict_do_update(index_elements=["release_id"], set_={"checked_at": began}))
    mine = (ReleaseCheckRow.release_id == release_id, ReleaseCheckRow.suspected_at <= began)
    session.execute(update(ReleaseCheckRow).where(*mine).values(suspected_at=None, suspicion=None))


def note(session: Session, findings: Sequence[ReplicaFinding]) -> None:
    """Keep what a check found."""
    session.add_all(ReplicaFindingRow(**_columns(each)) for each in findings)


def findings(session: Session, since: datetime) -> list[ReplicaFinding]:
    """What checks have found since a moment, the newest first."""
    statement = select(ReplicaFindingRow).where(ReplicaFindingRow.at >= since)
    rows = session.scalars(statement.order_by(ReplicaFindingRow.at.desc(), ReplicaFindingRow.region))
    return [ReplicaFinding.model_validate({name: getattr(row, name) for name in FIELDS}) for row in rows]


def _columns(finding: ReplicaFinding) -> dict[str, Any]:
    said = finding.model_dump(mode="json", include={"found", "lost"})
    return {name: said.get(name, getattr(finding, name)) for name in FIELDS}
