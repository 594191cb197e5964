"""All that is known of one title: description, history, releases, QC reports."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from marquee.catalogue import descriptions, previews, title_versions, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import (
    Publication,
    QcReportRow,
    ReleaseRow,
    ReleaseState,
    SeriesVersion,
    Title,
    TitleVersion,
    now,
)
from marquee.content.desk.listing import Progress, progress
from marquee.content.desk.pictures import FIELD
from marquee.content.pipeline import plans
from marquee.contracts.base import Contract
from marquee.contracts.errors import NotFound
from marquee.contracts.ids import Id
from marquee.contracts.release import Release
from marquee.contracts.title import Description

SOON = timedelta(minutes=1)  # by which a schedule that is due is carried out, while anything runs


class VersionLine(Contract):
    """One change. `changed` has, by field, its value before and after."""

    version: int
    action: str
    actor: str
    at: datetime
    note: str
    changed: dict[str, dict[str, Any]]

    @property
    def undoable(self) -> bool:
        return self.action in ("edit", "artwork", "undo")


class PublicationLine(Contract):
    """Who pointed viewers at a release, and when."""

    action: str
    actor: str
    at: datetime


class PreviewLine(Contract):
    """A link to watch a release: who asked for it, and when and from where it was opened."""

    actor: str
    made_at: datetime
    opened_at: datetime | None
    device: str
    country: str


class ReleaseLine(Contract):
    """A release, with what was measured on it; `outline` has no files, and is None while it is made or collected."""

    release_id: Id
    state: str
    created_at: datetime
    shown: bool
    outline: Release | None
    building: Progress | None
    searched: bool  # whether its ladder was searched for the title, so that there is a plot of that
    publications: tuple[PublicationLine, ...]
    previews: tuple[PreviewLine, ...]

    @property
    def whole(self) -> bool:
        """Whether it can be watched and published."""
        return self.outline is not None and self.state != ReleaseState.WITHDRAWN

    @property
    def standing(self) -> str:
        """The state in a word for people."""
        if self.shown:
            return "shown"
        if self.state == ReleaseState.WITHDRAWN:
            return "collected"
        return "ready" if self.whole and self.state == ReleaseState.BUILDING else self.state


class ScheduleLine(Contract):
    """The release that viewers get from a moment on. It is `overdue` where it could not be shown by then."""

    release_id: Id | None
    at: datetime
    by: str
    overdue: bool


class ReportLine(Contract):
    """A QC report, and what a person decided about it."""

    report_id: Id
    profile: str
    verdict: str
    at: datetime
    decision: str | None
    decision_reason: str | None
    decided_by: str | None
    decided_at: datetime | None


class TrailerLine(Contract):
    """A trailer of the title; viewers get the newest one that they may see."""

    title_id: Id
    slug: str
    state: str


class TitleSheet(Contract):
    """A title as content ops see it. `edited` are the fields that a person has set: deliveries leave them."""

    title_id: Id
    slug: str
    name: str
    version: int
    state: str
    reason: str | None
    shown_from: datetime | None
    delete_at: datetime | None
    schedule: ScheduleLine | None
    delivered_at: datetime
    updated_at: datetime
    description: Description
    edited: tuple[str, ...]
    trailers: tuple[TrailerLine, ...]
    versions: tuple[VersionLine, ...]
    releases: tuple[ReleaseLine, ...]
    reports: tuple[ReportLine, ...]

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


def title_sheet(title_id: int) -> TitleSheet:
    """Raises NotFound."""
    with begin() as session:
        title = titles.find(session, title_id)
        if title is None:
            raise NotFound("no such title", where="title_id", got=str(title_id))
        said = descriptions.document(descriptions.read(session, title))
        return TitleSheet(
            title_id=title.id,
            slug=title.slug,
            name=title.text().name,
            version=title.version,
            state=title.state,
            reason=title.state_reason,
            shown_from=title.shown_from,
            delete_at=title.delete_at,
            schedule=_schedule(title),
            delivered_at=title.delivered_at,
            updated_at=title.updated_at,
            description=Description.model_validate(said),
            edited=tuple(sorted({*title_versions.edited_fields(session, title), *map(FIELD.__add__, title.artwork)})),
            trailers=_trailers(session, title.slug),
            versions=tuple(map(version_line, title_versions.listed(session, title_id))),
            releases=_releases(session, title),
            reports=_reports(session, title_id),
        )


def id_of(slug: str) -> int:
    """The id of a title by its slug. Raises NotFound."""
    with begin() as session:
        return titles.of_slug(session, slug).id


def _schedule(title: Title) -> ScheduleLine | None:
    if (at := title.scheduled_at) is None:
        return None
    overdue = at < now() - SOON
    return ScheduleLine(release_id=title.scheduled_release_id, at=at, by=title.scheduled_by or "", overdue=overdue)


def version_line(row: TitleVersion | SeriesVersion) -> VersionLine:
    """A change as pages show it."""
    fields = ("version", "action", "actor", "at", "note", "changed")
    return VersionLine(**{name: getattr(row, name) for name in fields})


def _trailers(session: Session, slug: str) -> tuple[TrailerLine, ...]:
    wanted = select(Title.id, Title.slug, Title.state).where(Title.trailer_of == slug).order_by(Title.id.desc())
    return tuple(TrailerLine(title_id=row.id, slug=row.slug, state=row.state) for row in session.execute(wanted))


def _releases(session: Session, title: Title) -> tuple[ReleaseLine, ...]:
    columns = (ReleaseRow.id, ReleaseRow.state, ReleaseRow.created_at, ReleaseRow.plan, ReleaseRow.outline)
    rows = session.execute(select(*columns).where(ReleaseRow.title_id == title.id).order_by(ReleaseRow.id.desc()))
    told = select(Publication).where(Publication.title_id == title.id).order_by(Publication.at.desc())
    history: dict[int, list[PublicationLine]] = {}
    for each in session.scalars(told):
        line = PublicationLine(action=each.action, actor=each.actor, at=each.at)
        history.setdefault(each.release_id, []).append(line)
    watched: dict[int, list[PreviewLine]] = {}
    for preview in previews.listed(session, title.id):
        fields = ("actor", "made_at", "opened_at", "device", "country")
        shown = PreviewLine(**{name: getattr(preview, name) for name in fields})
        watched.setdefault(preview.release_id, []).append(shown)
    return tuple(
        ReleaseLine(
            release_id=row.id,
            state=row.state,
            created_at=row.created_at,
            shown=row.id == title.current_release_id,
            outline=Release.model_validate(row.outline | {"files": ()}) if row.outline else None,
            building=progress(row.plan) if row.state == ReleaseState.BUILDING and not row.outline else None,
            searched=plans.has_ladder(row.plan),
            publications=tuple(history.get(row.id, ())),
            previews=tuple(watched.get(row.id, ())),
        )
        for row in rows
    )


def _reports(session: Session, title_id: int) -> tuple[ReportLine, ...]:
    fields = ("profile", "verdict", "decision", "decision_reason", "decided_by", "decided_at")
    wanted = select(QcReportRow).where(QcReportRow.title_id == title_id).order_by(QcReportRow.created_at.desc())
    return tuple(
        ReportLine(report_id=row.id, at=row.created_at, **{name: getattr(row, name) for name in fields})
        for row in session.scalars(wanted)
    )
