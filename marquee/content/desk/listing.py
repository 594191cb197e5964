"""Titles for content ops: filtered, sorted, a page at a time, with what viewers get and how QC judged."""

from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import Row

from marquee.catalogue import title_list
from marquee.catalogue.database import begin
from marquee.catalogue.models import TitleState
from marquee.catalogue.title_list import Filter, Order
from marquee.content.pipeline import encoding, plans
from marquee.contracts.base import Contract
from marquee.contracts.errors import NotFound
from marquee.contracts.ids import Id
from marquee.contracts.release import Release

SIZE = 50  # titles on a page


class Progress(Contract):
    """Chunks encoded of the release being built."""

    done: int
    total: int


class TitleLine(Contract):
    """One title. `shown` is the release that viewers get, without its files."""

    title_id: Id
    slug: str
    name: str
    state: str
    reason: str | None
    version: int
    kind: str
    year: int
    series: str | None
    season: int | None
    number: int | None
    shown_from: datetime | None
    scheduled_at: datetime | None
    delete_at: datetime | None
    delivered_at: datetime
    updated_at: datetime
    shown: Release | None
    releases: int = Field(description="releases that it can be pointed at")
    building: Progress | None
    report_id: Id | None
    verdict: str | None


class TitlePage(Contract):
    """One page of the titles that match. `states` counts those in each state, whatever state is asked for."""

    items: tuple[TitleLine, ...]
    next: str
    states: dict[TitleState, int]


ALL = Filter()


def titles(wanted: Filter = ALL, order: Order = Order.CHANGED, *, after: str = "", size: int = SIZE) -> TitlePage:
    """The titles that are wanted; `after` is `next` of the page before. Raises InvalidInput for a strange cursor."""
    with begin() as session:
        found = title_list.page(session, wanted, order, after=after, size=size)
    return TitlePage(items=tuple(_line(row) for row in found.rows), next=found.following, states=found.states)


def _line(row: Row[Any]) -> TitleLine:
    said = row._asdict()
    said["title_id"], said["reason"], said["releases"] = said.pop("id"), said.pop("state_reason"), said.pop("kept")
    outline, plan = said.pop("outline"), said.pop("building")
    shown = Release.model_validate(outline | {"files": ()}) if outline else None
    return TitleLine(**said, shown=shown, building=progress(plan) if plan else None)


def progress(plan: str) -> Progress | None:
    """How far the chunks of a plan are; None for one that is not in the work store."""
    try:
        made = plans.load(plan)
    except NotFound:
        return None
    return Progress(done=encoding.chunks_done(made), total=len(made.rungs) * len(made.chunks))
