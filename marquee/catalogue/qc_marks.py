"""Findings that people have called false: kept by source, check and time, and counted by check."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from marquee.catalogue.models import QcMark
from marquee.contracts.qc import QcFinding

NEAR_S = 0.5  # by which a finding's start may move between two runs of QC and still be the same

# Distinct findings, for a film that is delivered or judged twice is one case; `marked` is how many of them are.
SUMMARY = text("""
    with found as (
        select distinct on (r.document ->> 'mezzanine_sha256', r.profile, f ->> 'check', f ->> 'track', f ->> 'start_s')
            r.document ->> 'mezzanine_sha256' source, r.profile, f ->> 'check' name, f ->> 'track' track,
            (f ->> 'start_s')::float start_s
        from qc_reports r cross join lateral jsonb_array_elements(r.document -> 'findings') f
        where f ->> 'severity' <> 'pass' and (:profile = '' or r.profile = :profile))
    select name, count(*) found, count(*) filter (where exists (
        select from qc_marks m where m.source = found.source and m.check = found.name and m.track = found.track
        and (m.start_s is not distinct from found.start_s or abs(m.start_s - found.start_s) <= :near))) marked
    from found group by name order by name
""")


@dataclass(frozen=True)
class CheckCount:
    """How many findings of a check there are, and how many of them people call false."""

    check: str
    found: int
    false: int

    @property
    def share(self) -> float:
        return self.false / self.found if self.found else 0.0


def of_source(session: Session, source: str) -> list[QcMark]:
    """All marks on what was found in a source, the oldest first."""
    return list(session.scalars(select(QcMark).where(QcMark.source == source).order_by(QcMark.id)))


def mark_on(marks: Sequence[QcMark], finding: QcFinding) -> QcMark | None:
    """The mark that a finding bears: of the same check, track and time."""
    return next((mark for mark in marks if same(mark, finding)), None)


def same(mark: QcMark, finding: QcFinding) -> bool:
    """Whether a mark means a finding: the same check and track, starts within `NEAR_S` of each other."""
    if (mark.check, mark.track) != (finding.check, finding.track):
        return False
    if mark.start_s is None or finding.start_s is None:
        return mark.start_s == finding.start_s
    return abs(mark.start_s - finding.start_s) <= NEAR_S


def latest(session: Session, limit: int) -> list[QcMark]:
    """Marks on all films, the newest first."""
    return list(session.scalars(select(QcMark).order_by(QcMark.id.desc()).limit(limit)))


def unmark(session: Session, mark_ids: Sequence[int]) -> None:
    session.execute(delete(QcMark).where(QcMark.id.in_(mark_ids)))


def summary(session: Session, profile: str = "") -> list[CheckCount]:
    """Findings that asked or failed, by check; of one QC profile or of all."""
    rows = session.execute(SUMMARY, {"profile": profile, "near": NEAR_S})
    return [CheckCount(row.name, row.found, row.marked) for row in rows]
