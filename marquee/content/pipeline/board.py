"""Titles for content ops: search, state, progress, QC verdict; deliveries that were refused."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from marquee.catalogue import releases
from marquee.catalogue.database import begin
from marquee.catalogue.models import (
    DeliveryRow,
    DeliveryState,
    QcReportRow,
    ReleaseRow,
    ReleaseState,
    Title,
    TitleState,
    TitleText,
)
from marquee.content.pipeline import encoding, planning
from marquee.contracts.base import Contract
from marquee.contracts.delivery import Refusal
from marquee.contracts.errors import NotFound
from marquee.contracts.release import Release

SIZE = 50  # titles on a page


class Progress(Contract):
    """Chunks encoded of the release being built."""

    done: int
    total: int


class BoardRow(Contract):
    """One title. `shown` is the release that viewers get."""

    title_id: int
    slug: str
    name: str
    state: str
    reason: str | None
    updated_at: datetime
    shown: Release | None
    releases: int
    building: Progress | None
    report_id: int | None
    verdict: str | None


class BoardPage(Contract):
    """One page of the titles that match. `number` and `pages` count from 1; `states` counts all titles by state."""

    rows: tuple[BoardRow, ...]
    number: int
    pages: int
    total: int
    states: dict[TitleState, int]


class RefusedRow(Contract):
    """A delivery in quarantine."""

    at: datetime
    refusal: Refusal


def titles(*, query: str = "", state: TitleState | None = None, page: int = 1, size: int = SIZE) -> BoardPage:
    """The titles whose name or slug holds `query`, in a state or in any, those that changed last first.

    `size` is the number of titles on a page. A page beyond the last is the last.
    """
    with begin() as session:
        states = _states(session)
        matching = _matching(query, state)
        total = session.scalar(select(func.count()).select_from(Title).where(*matching)) or 0
        pages = max(1, -(-total // size))
        number = min(page, pages)
        newest = select(Title).where(*matching).order_by(Title.updated_at.desc(), Title.id.desc())
        found = session.scalars(newest.limit(size).offset((number - 1) * size)).unique().all()
        rows = tuple(_row(session, title) for title in found)
    return BoardPage(rows=rows, number=number, pages=pages, total=total, states=states)


def _states(session: Session) -> dict[TitleState, int]:
    """How many titles there are in each state."""
    counted = session.execute(select(Title.state, func.count()).group_by(Title.state))
    return {TitleState(state): count for state, count in counted}


def _matching(query: str, state: TitleState | None) -> list[ColumnElement[bool]]:
    named = exists().where(TitleText.title_id == Title.id, TitleText.name.icontains(query, autoescape=True))
    wanted = [or_(named, Title.slug.icontains(query, autoescape=True))] if query else []
    return [*wanted, *([Title.state == state] if state else [])]


def refused(limit: int = 50) -> list[RefusedRow]:
    """The deliveries refused last."""
    statement = select(DeliveryRow).filter_by(state=DeliveryState.REFUSED).order_by(DeliveryRow.received_at.desc())
    with begin() as session:
        return [
            RefusedRow(at=row.received_at, refusal=Refusal.model_validate(row.document))
            for row in session.scalars(statement.limit(limit))
        ]


def _row(session: Session, title: Title) -> BoardRow:
    latest = session.scalar(
        select(QcReportRow).filter_by(title_id=title.id).order_by(QcReportRow.created_at.desc()).limit(1)
    )
    return BoardRow(
        title_id=title.id,
        slug=title.slug,
        name=title.text().name,
        state=title.state,
        reason=title.state_reason,
        updated_at=title.updated_at,
        shown=releases.document(title.current_release) if title.current_release else None,
        releases=len(releases.published(session, title.id)),
        building=_building(session, title),
        report_id=latest.id if latest else None,
        verdict=latest.verdict if latest else None,
    )


def _building(session: Session, title: Title) -> Progress | None:
    statement = select(ReleaseRow).filter_by(title_id=title.id, state=ReleaseState.BUILDING)
    row = session.scalar(statement.order_by(ReleaseRow.created_at.desc()).limit(1))
    if row is None:
        return None
    try:
        plan = planning.load(row.plan)
    except NotFound:
        return None
    return Progress(done=encoding.chunks_done(plan), total=len(plan.rungs) * len(plan.chunks))
